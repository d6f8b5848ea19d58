import type { SqlExecutor, SqlTransaction } from '../../db/sql.ts';
import { type Sha256, sha256FromBytes, sha256ToBytes } from '../../lib/sha256.ts';
import { type ObjectKey, parseObjectKey } from '../../storage/keys.ts';
import { RepoNotFound } from '../errors.ts';
import type { RepoRole } from '../repo/repo.policy.ts';

/** After its URLs have expired, an upload may still be arriving or being verified for so long. */
export const UPLOAD_GRACE_HOURS = 24;

export interface NewUpload {
  readonly id: string;
  readonly sha256: Sha256;
  readonly sizeBytes: number;
  readonly storageKey: ObjectKey;
}

/** A granted upload that is not verified yet. */
export interface OpenUpload extends NewUpload {
  readonly repoId: number;
  readonly uploaderId: number | null;
  /** What the uploader is to the repository now. */
  readonly uploaderRole: RepoRole;
  /** The object store's own id of a multipart upload. */
  readonly multipartId: string | null;
}

/**
 * Writes down what is about to be granted, with an intent for each key: no byte can arrive that nobody knows of.
 * @throws {RepoNotFound} the repository was deleted in this moment.
 */
export async function insertUploads(
  sql: SqlExecutor,
  at: { readonly repoId: number; readonly uploaderId: number; readonly expiresAt: Date },
  uploads: readonly NewUpload[],
): Promise<void> {
  const inserted = await sql.execute({
    name: 'insert-lfs-uploads',
    text: `
      with home as (
        select id from repo where id = $1 for key share
      ), announced as (
        insert into storage_intent (key, expires_at) select key, $3 from home, unnest($7::text[]) as key
      )
      insert into lfs_upload (id, repo_id, uploader_id, sha256, size_bytes, storage_key, expires_at)
      select q.id, home.id, $2, q.sha256, q.size_bytes, q.storage_key, $3
      from home, unnest($4::uuid[], $5::bytea[], $6::bigint[], $7::text[]) as q (id, sha256, size_bytes, storage_key)`,
    values: [
      at.repoId,
      at.uploaderId,
      new Date(at.expiresAt.getTime() + UPLOAD_GRACE_HOURS * 3_600_000),
      uploads.map((upload) => upload.id),
      uploads.map((upload) => sha256ToBytes(upload.sha256)),
      uploads.map((upload) => upload.sizeBytes),
      uploads.map((upload) => upload.storageKey),
    ],
  });
  if (inserted < uploads.length) throw new RepoNotFound();
}

export async function setMultipartId(sql: SqlExecutor, id: string, multipartId: string): Promise<void> {
  await sql.execute({
    name: 'set-multipart-id',
    text: 'update lfs_upload set multipart_id = $2 where id = $1',
    values: [id, multipartId],
  });
}

/** Number and bytes of a user's uploads that are open, in all repositories. */
export async function countOpenUploads(
  sql: SqlExecutor,
  uploaderId: number,
): Promise<{ readonly count: number; readonly bytes: number }> {
  const [row] = await sql.query<{ count: number; bytes: number }>({
    name: 'count-open-uploads',
    text: `
      select count(*) as count, coalesce(sum(size_bytes), 0)::bigint as bytes
      from lfs_upload where uploader_id = $1 and expires_at > now()`,
    values: [uploaderId],
  });
  return row ?? { count: 0, bytes: 0 };
}

const OPEN_UPLOAD = `
  select u.id, u.repo_id, u.uploader_id, u.sha256, u.size_bytes, u.storage_key, u.multipart_id,
    case when r.owner_id = u.uploader_id then 'owner' else coalesce(m.role, 'none') end as uploader_role
  from lfs_upload u
  join repo r on r.id = u.repo_id
  left join membership m on m.org_id = r.owner_id and m.user_id = u.uploader_id
  where u.expires_at > now()`;

export async function findUploadById(sql: SqlExecutor, id: string): Promise<OpenUpload | null> {
  const [row] = await sql.query<UploadRow>({
    name: 'find-upload-by-id',
    text: `${OPEN_UPLOAD} and u.id = $1`,
    values: [id],
  });
  return row ? toOpenUpload(row) : null;
}

export async function findUploadByKey(sql: SqlExecutor, key: ObjectKey): Promise<OpenUpload | null> {
  const [row] = await sql.query<UploadRow>({
    name: 'find-upload-by-key',
    text: `${OPEN_UPLOAD} and u.storage_key = $1`,
    values: [key],
  });
  return row ? toOpenUpload(row) : null;
}

/** Everybody's open uploads of these objects to a repository, newest first: see `mayUseUpload`. */
export async function findOpenUploads(
  sql: SqlExecutor,
  wanted: { readonly repoId: number; readonly sha256s: readonly Sha256[] },
): Promise<readonly OpenUpload[]> {
  if (wanted.sha256s.length === 0) return [];
  const rows = await sql.query<UploadRow>({
    name: 'find-open-uploads',
    text: `${OPEN_UPLOAD} and u.repo_id = $1 and u.sha256 = any($2::bytea[]) order by u.created_at desc, u.id`,
    values: [wanted.repoId, wanted.sha256s.map(sha256ToBytes)],
  });
  return rows.map(toOpenUpload);
}

/** Keeps the sweeper away while the upload is being verified. */
export async function extendUpload(sql: SqlExecutor, upload: OpenUpload): Promise<void> {
  await sql.execute({
    name: 'extend-lfs-upload',
    text: `
      with kept as (
        update lfs_upload set expires_at = greatest(expires_at, now() + make_interval(hours => $2))
        where id = $1 returning storage_key
      )
      update storage_intent i set expires_at = greatest(i.expires_at, now() + make_interval(hours => $2))
      from kept where i.key = kept.storage_key`,
    values: [upload.id, UPLOAD_GRACE_HOURS],
  });
}

export async function deleteUpload(tx: SqlExecutor | SqlTransaction, id: string): Promise<void> {
  await tx.execute({
    name: 'delete-lfs-upload',
    text: 'delete from lfs_upload where id = $1',
    values: [id],
  });
}

interface UploadRow {
  id: string;
  repo_id: number;
  uploader_id: number | null;
  sha256: Buffer;
  size_bytes: number;
  storage_key: string;
  multipart_id: string | null;
  uploader_role: RepoRole;
}

function toOpenUpload(row: UploadRow): OpenUpload {
  return {
    id: row.id,
    repoId: row.repo_id,
    uploaderId: row.uploader_id,
    uploaderRole: row.uploader_role,
    sha256: sha256FromBytes(row.sha256),
    sizeBytes: row.size_bytes,
    storageKey: parseObjectKey(row.storage_key),
    multipartId: row.multipart_id,
  };
}
