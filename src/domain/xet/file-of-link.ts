/**
 * The id of the Xet file of the content that a link holds, whose object is `o`, as SQL: the repository's own file, or the one that presents the
 * blob. Null for a blob that was not cut into chunks yet since it was brought to this repository.
 */
export function fileOfLink(link: string): string {
  return `coalesce(${link}.xet_file_id, case when ${link}.is_presented then o.xet_file_id end)`;
}

/** The same of the link `l`. */
export const FILE_OF_LINK = fileOfLink('l');
