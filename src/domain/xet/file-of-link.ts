/**
 * The id of the Xet file of the content that the link `l` holds, whose object is `o`, as SQL: the repository's own file, or the one that
 * presents the blob. Null for a blob that was not cut into chunks yet.
 */
export const FILE_OF_LINK = 'coalesce(l.xet_file_id, o.xet_file_id)';
