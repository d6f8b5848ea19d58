import type { SqlExecutor, SqlTransaction } from '../../db/sql.ts';
import { type ObjectKey, parseObjectKey } from '../../storage/keys.ts';

/** A granted upload whose time is over. */
export interface AbandonedUpload {
  readonly id: string;
  readonly storageKey: ObjectKey;
  readonly multipartId: string | null;
}

export async function findAbandonedUploads(
  sql: SqlExecutor,
  limit: number,
): Promise<readonly AbandonedUpload[]> {
  const rows = await sql.query<{ id: string; storage_key: string; multipart_id: string | null }>({
    text: `
      select id, storage_key, multipart_id from lfs_upload where expires_at < now() order by expires_at limit $1`,
    values: [limit],
  });
  return rows.map((row) => ({
    id: row.id,
    storageKey: parseObjectKey(row.storage_key),
    multipartId: row.multipart_id,
  }));
}

/** Their bytes go when the intents of their keys, which end at the same time, are swept. */
export async function deleteAbandonedUploads(sql: SqlExecutor, ids: readonly string[]): Promise<number> {
  return sql.execute({
    text: 'delete from lfs_upload where id = any($1::uuid[]) and expires_at < now()',
    values: [ids],
  });
}

/**
 * Takes back links that no commit confirmed while the object's lease ran. A commit that comes later links again.
 * Like every writer of links it locks the objects first, in order of their hash: otherwise it could deadlock with a
 * commit of the same objects. The lease is judged again under the lock.
 */
export async function dropStaleLinks(sql: SqlExecutor, limit: number): Promise<number> {
  return sql.execute({
    text: `
      with stale as (
        select k.repo_id, k.sha256 from lfs_link k join lfs_object o on o.sha256 = k.sha256
        where k.committed_at is null and o.lease_until < now() limit $1
      ), locked as (
        select sha256 from lfs_object
        where sha256 in (select sha256 from stale) and lease_until < now()
        order by sha256 for no key update
      )
      delete from lfs_link l using stale, locked
      where locked.sha256 = stale.sha256 and l.repo_id = stale.repo_id and l.sha256 = stale.sha256
        and l.committed_at is null`,
    values: [limit],
  });
}

/** Objects that nothing seems to need. Only a hint: `markUnlinked` decides. */
export async function findUnlinked(sql: SqlExecutor, limit: number): Promise<readonly Buffer[]> {
  const rows = await sql.query<{ sha256: Buffer }>({
    text: `
      select o.sha256 from lfs_object o
      where o.state = 'present' and o.lease_until < now()
        and not exists (select 1 from lfs_link l where l.sha256 = o.sha256)
      order by o.sha256 limit $1`,
    values: [limit],
  });
  return rows.map((row) => row.sha256);
}

/**
 * Takes unneeded objects out of service and returns their keys. Two statements on purpose: under READ COMMITTED one
 * statement would wait for a commit's row lock and then still judge by links as they were before that commit.
 * Both sides lock in order of the hash.
 */
export async function markUnlinked(
  tx: SqlTransaction,
  sha256s: readonly Buffer[],
): Promise<readonly ObjectKey[]> {
  await tx.query({
    text: `select 1 from lfs_object where sha256 = any($1::bytea[]) and state = 'present' order by sha256 for update`,
    values: [sha256s],
  });
  const rows = await tx.query<{ storage_key: string }>({
    text: `
      update lfs_object o set state = 'deleting'
      where o.sha256 = any($1::bytea[]) and o.state = 'present' and o.lease_until < now()
        and not exists (select 1 from lfs_link l where l.sha256 = o.sha256)
      returning o.storage_key`,
    values: [sha256s],
  });
  return rows.map((row) => parseObjectKey(row.storage_key));
}

/** The bytes are deleted. An object that was uploaded again in between has another key and stays. */
export async function markGone(sql: SqlExecutor, keys: readonly ObjectKey[]): Promise<void> {
  await sql.execute({
    text: `
      update lfs_object set state = 'gone' where sha256 in (
        select sha256 from lfs_object where storage_key = any($1::text[]) and state = 'deleting'
        order by sha256 for update
      )`,
    values: [keys],
  });
}
