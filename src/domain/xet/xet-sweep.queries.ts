import type { SqlExecutor, SqlTransaction } from '../../db/sql.ts';
import { type ObjectKey, parseObjectKey } from '../../storage/keys.ts';

/** No client may name the xorb `x` any more, and no file needs it. */
const IS_UNNEEDED = `
  x.lease_until < now() and not exists (select from xet_file_xorb fx where fx.xorb_id = x.id)`;

/** Xorbs that nothing seems to need. Only a hint: `takeUnneededXorbs` decides. */
export async function findUnneededXorbs(sql: SqlExecutor, limit: number): Promise<readonly Buffer[]> {
  return findKeys(sql, `select x.id as key from xet_xorb x where ${IS_UNNEEDED}`, limit);
}

/** The first candidates of a sweep, in the order in which everybody locks them. @param candidates a query of one column, `key`. */
export async function findKeys(
  sql: SqlExecutor,
  candidates: string,
  limit: number,
): Promise<readonly Buffer[]> {
  const rows = await sql.query<{ key: Buffer }>({
    text: `${candidates} order by key limit $1`,
    values: [limit],
  });
  return rows.map((row) => row.key);
}

/**
 * Deletes unneeded xorbs and what hangs on them, and returns the keys of their bytes. Several statements on purpose: under
 * READ COMMITTED one statement would wait for an upload's row lock and then still judge by what was before that upload.
 */
export async function takeUnneededXorbs(
  tx: SqlTransaction,
  ids: readonly Buffer[],
): Promise<{ readonly count: number; readonly keys: readonly ObjectKey[] }> {
  const locked = await tx.query<{ id: Buffer }>({
    text: 'select id from xet_xorb where id = any($1::bytea[]) order by id for update',
    values: [ids],
  });
  const unneeded = await tx.query<{ id: Buffer }>({
    text: `select x.id from xet_xorb x where x.id = any($1::bytea[]) and ${IS_UNNEEDED}`,
    // Only these: another one may be brought again in this moment, and is not ours to wait for any more.
    values: [locked.map((row) => row.id)],
  });
  const free = await withoutBusy(
    tx,
    unneeded.map((row) => row.id),
  );
  const rows = await tx.query<{ storage_key: string | null }>({
    text: 'delete from xet_xorb where id = any($1::bytea[]) returning storage_key',
    values: [free],
  });
  return {
    count: rows.length,
    keys: rows.flatMap((row) => (row.storage_key === null ? [] : [parseObjectKey(row.storage_key)])),
  };
}

/** The blob object `o` is needed for its virtual xorbs: a client may name one, or a file of another content is made of it. */
export const GIVES_XORBS = `
  exists (
    select from xet_xorb x where x.blob_sha256 = o.sha256 and (
      x.lease_until > now()
      or exists (
        select from xet_file_xorb fx join xet_file f on f.id = fx.file_id
        where fx.xorb_id = x.id and f.sha256 <> o.sha256
      )
    )
  )`;

/**
 * Locks the virtual xorbs of these blobs, whose objects are locked.
 * @returns blobs whose xorbs are in other hands: leave them for a later run.
 */
export async function lockVirtualXorbs(
  tx: SqlTransaction,
  sha256s: readonly Buffer[],
): Promise<readonly Buffer[]> {
  const xorbs = await tx.query<{ id: Buffer; blob_sha256: Buffer }>({
    text: `
      select id, blob_sha256 from xet_xorb where blob_sha256 = any($1::bytea[]) order by id for update`,
    values: [sha256s],
  });
  const free = new Set(
    (
      await withoutBusy(
        tx,
        xorbs.map((xorb) => xorb.id),
      )
    ).map((id) => id.toString('hex')),
  );
  return xorbs.filter((xorb) => !free.has(xorb.id.toString('hex'))).map((xorb) => xorb.blob_sha256);
}

/** Deletes how collected contents were put together, and the virtual xorbs that were parts of them. */
export async function deleteXetFiles(tx: SqlTransaction, sha256s: readonly Buffer[]): Promise<void> {
  await tx.execute({
    text: 'delete from xet_file where sha256 = any($1::bytea[])',
    values: [sha256s],
  });
  await deleteVirtualXorbs(tx, sha256s);
}

/** Deletes the parts of blobs, of which no file is made any more. */
export async function deleteVirtualXorbs(tx: SqlTransaction, sha256s: readonly Buffer[]): Promise<void> {
  await tx.execute({
    text: 'delete from xet_xorb where blob_sha256 = any($1::bytea[])',
    values: [sha256s],
  });
}

/**
 * The Xet file `f` of the present object `o` is one that no repository holds and nobody offered. Others hold the content otherwise, or there is a
 * blob: a file that waited for the end of its content could be what keeps the blob of another one, whose file keeps this one's. A content
 * that is nothing but files goes with the last of them.
 */
const IS_UNNEEDED_FILE = `
  o.state = 'present' and o.lease_until < now() and o.xet_file_id is distinct from f.id
  and not exists (select from lfs_link l where l.xet_file_id = f.id)
  and not exists (select from lfs_offer e where e.xet_file_id = f.id)
  and (
    o.storage_key is not null
    or exists (select from lfs_link l where l.sha256 = f.sha256)
    or exists (select from lfs_offer e where e.sha256 = f.sha256)
  )`;

/** Files that nothing seems to need. Only a hint: `takeUnneededFiles` decides. */
export async function findUnneededFiles(
  sql: SqlExecutor,
  limit: number,
): Promise<readonly { readonly id: number; readonly sha256: Buffer }[]> {
  return sql.query({
    text: `
      select f.id, f.sha256 from xet_file f join lfs_object o on o.sha256 = f.sha256
      where ${IS_UNNEEDED_FILE} order by f.id limit $1`,
    values: [limit],
  });
}

/** Deletes unneeded files, and with them what keeps their xorbs. Who links a file locks its object first. @returns how many. */
export async function takeUnneededFiles(
  tx: SqlTransaction,
  files: readonly { readonly id: number; readonly sha256: Buffer }[],
): Promise<number> {
  await tx.query({
    text: 'select from lfs_object where sha256 = any($1::bytea[]) order by sha256 for update',
    values: [files.map((file) => file.sha256)],
  });
  return tx.execute({
    text: `
      delete from xet_file f using lfs_object o
      where f.id = any($1::bigint[]) and o.sha256 = f.sha256 and ${IS_UNNEEDED_FILE}`,
    values: [files.map((file) => file.id)],
  });
}

/**
 * Xorbs without those of which another transaction holds a link to a repository. The deletion of a repository removes its
 * links in an order of its own: waiting for it, with other links in hand, could be a deadlock.
 */
async function withoutBusy(tx: SqlTransaction, ids: readonly Buffer[]): Promise<readonly Buffer[]> {
  const rows = await tx.query<{ id: Buffer }>({
    text: `
      with held as (
        select repo_id, xorb_id from xet_repo_xorb where xorb_id = any($1::bytea[]) for update skip locked
      )
      select id from unnest($1::bytea[]) as named (id)
      where not exists (
        select from xet_repo_xorb rx where rx.xorb_id = named.id
          and not exists (select from held h where h.repo_id = rx.repo_id and h.xorb_id = rx.xorb_id)
      )`,
    values: [ids],
  });
  return rows.map((row) => row.id);
}
