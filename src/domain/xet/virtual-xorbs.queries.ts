import type { SqlExecutor, SqlTransaction } from '../../db/sql.ts';
import { type Sha256, sha256FromBytes, sha256ToBytes } from '../../lib/sha256.ts';
import { type ObjectKey, parseObjectKey } from '../../storage/keys.ts';

/** An LFS object that is kept as one blob, and of which a repository has no Xet file yet. */
export interface PlainBlob {
  readonly sha256: Sha256;
  readonly sizeBytes: number;
  readonly storageKey: ObjectKey;
  /** The repositories that hold it and have none. */
  readonly repoIds: readonly number[];
}

/** The object `o` is a blob. */
const IS_BLOB = `o.state = 'present' and o.storage_key is not null and o.size_bytes > 0`;
/** The link `l` holds a blob that was not cut into chunks since it came. */
const IS_UNPRESENTED = 'l.xet_file_id is null and not l.is_presented';

/** The blob that waits longest to be cut into chunks, by the indexes `lfs_object_plain_index` and `lfs_link_unpresented_index`; null when none does. */
export async function findUnpresentedBlob(
  sql: SqlExecutor,
  { except, maxBytes }: { readonly except: readonly Sha256[]; readonly maxBytes: number },
): Promise<PlainBlob | null> {
  const isWanted = `${IS_BLOB} and o.size_bytes <= $2 and o.sha256 <> all($1::bytea[])`;
  const [row] = await sql.query<{
    sha256: Buffer;
    size_bytes: number;
    storage_key: string;
    repo_ids: number[];
  }>({
    name: 'find-unpresented-blob',
    text: `
      select w.sha256, w.size_bytes, w.storage_key,
        array(select l.repo_id from lfs_link l where l.sha256 = w.sha256 and ${IS_UNPRESENTED}) as repo_ids
      from (
        (
          select o.sha256, o.size_bytes, o.storage_key, o.created_at as since
          from lfs_object o where o.xet_file_id is null and ${isWanted} order by o.created_at limit 1
        ) union all (
          select o.sha256, o.size_bytes, o.storage_key, l.created_at
          from lfs_link l join lfs_object o on o.sha256 = l.sha256
          where ${IS_UNPRESENTED} and ${isWanted} order by l.created_at limit 1
        )
      ) w order by w.since limit 1`,
    values: [except.map(sha256ToBytes), maxBytes],
  });
  if (!row) return null;
  return {
    sha256: sha256FromBytes(row.sha256),
    sizeBytes: row.size_bytes,
    storageKey: parseObjectKey(row.storage_key),
    repoIds: row.repo_ids,
  };
}

/** Locks the object as its collector does. @returns whether it has a Xet file already; null when it is no blob any more. */
export async function lockBlob(tx: SqlTransaction, sha256: Sha256): Promise<{ isPresented: boolean } | null> {
  const [row] = await tx.query<{ isPresented: boolean }>({
    name: 'lock-blob',
    text: `
      select o.xet_file_id is not null as "isPresented" from lfs_object o
      where o.sha256 = $1 and ${IS_BLOB} for no key update`,
    values: [sha256ToBytes(sha256)],
  });
  return row ?? null;
}

/** From now on this Xet file presents the blob of this locked object. */
export async function presentBlob(tx: SqlTransaction, sha256: Sha256, xetFileId: number): Promise<void> {
  await tx.execute({
    name: 'present-blob',
    text: 'update lfs_object set xet_file_id = $2 where sha256 = $1',
    values: [sha256ToBytes(sha256), xetFileId],
  });
}

/** From now on clients of these repositories are told of the Xet file that presents the blob of this locked object. */
export async function presentLinks(
  tx: SqlTransaction,
  sha256: Sha256,
  repoIds: readonly number[],
): Promise<void> {
  await tx.execute({
    name: 'present-links',
    text: `
      update lfs_link set is_presented = true
      where sha256 = $1 and repo_id = any($2::bigint[]) and xet_file_id is null`,
    values: [sha256ToBytes(sha256), repoIds],
  });
}
