import type { SqlExecutor, SqlTransaction } from '../../db/sql.ts';
import { type ObjectKey, parseObjectKey } from '../../storage/keys.ts';
import {
  deleteVirtualXorbs,
  deleteXetFiles,
  findKeys,
  GIVES_XORBS,
  lockVirtualXorbs,
} from '../xet/xet-sweep.queries.ts';
import { LEASE_HOURS } from './lfs.queries.ts';

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
 * commit of the same objects. The lease is judged again under the lock. Links in other hands (of a repository that is being
 * deleted) are left alone.
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
      ), held as (
        select k.repo_id, k.sha256 from lfs_link k
        join stale s on s.repo_id = k.repo_id and s.sha256 = k.sha256
        join locked o on o.sha256 = k.sha256
        where k.committed_at is null for update of k skip locked
      )
      delete from lfs_link l using held h where l.repo_id = h.repo_id and l.sha256 = h.sha256`,
    values: [limit],
  });
}

/** Takes back what was offered for a pull request that nobody made, as `dropStaleLinks` does it. */
export async function dropStaleOffers(sql: SqlExecutor, limit: number): Promise<number> {
  return sql.execute({
    text: `
      with stale as (
        select f.repo_id, f.sha256, f.user_id from lfs_offer f join lfs_object o on o.sha256 = f.sha256
        where f.created_at < now() - make_interval(hours => $2) and o.lease_until < now() limit $1
      ), locked as (
        select sha256 from lfs_object
        where sha256 in (select sha256 from stale) and lease_until < now()
        order by sha256 for no key update
      ), held as (
        select f.repo_id, f.sha256, f.user_id from lfs_offer f
        join stale s on s.repo_id = f.repo_id and s.sha256 = f.sha256 and s.user_id = f.user_id
        join locked o on o.sha256 = f.sha256
        where f.created_at < now() - make_interval(hours => $2) for update of f skip locked
      )
      delete from lfs_offer f using held h
      where f.repo_id = h.repo_id and f.sha256 = h.sha256 and f.user_id = h.user_id`,
    values: [limit, LEASE_HOURS],
  });
}

/** No repository holds the present object `o`, nobody may commit it, and no xorb that is needed is a part of it. */
const IS_UNNEEDED = `
  o.state = 'present' and o.lease_until < now()
  and not exists (select from lfs_link l where l.sha256 = o.sha256)
  and not exists (select from lfs_offer f where f.sha256 = o.sha256)
  and not ${GIVES_XORBS}`;

/** Objects that nothing seems to need. Only a hint: `takeUnneededObjects` decides. */
export async function findUnneededObjects(sql: SqlExecutor, limit: number): Promise<readonly Buffer[]> {
  return findKeys(sql, `select o.sha256 as key from lfs_object o where ${IS_UNNEEDED}`, limit);
}

/**
 * Takes unneeded objects out of service, with how they were put together, and returns the keys of blobs. An object that is
 * kept in xorbs has no bytes of its own and is gone at once. Several statements on purpose: under READ COMMITTED one
 * statement would wait for a commit's row lock and then still judge by links as they were before that commit.
 * Everybody locks objects in order of their hash, and then xorbs.
 */
export async function takeUnneededObjects(
  tx: SqlTransaction,
  sha256s: readonly Buffer[],
): Promise<{ readonly count: number; readonly keys: readonly ObjectKey[] }> {
  const free = await lockFree(tx, sha256s);
  const rows = await tx.query<{ sha256: Buffer; storage_key: string | null }>({
    text: `
      update lfs_object o set state = case when o.storage_key is null then 'gone' else 'deleting' end, xet_file_id = null
      where o.sha256 = any($1::bytea[]) and ${IS_UNNEEDED}
      returning o.sha256, o.storage_key`,
    values: [free],
  });
  await deleteXetFiles(
    tx,
    rows.map((row) => row.sha256),
  );
  return {
    count: rows.length,
    keys: rows.flatMap((row) => (row.storage_key === null ? [] : [parseObjectKey(row.storage_key)])),
  };
}

/** Locks objects that are present, and the xorbs that are parts of their blobs. @returns those of which nothing is in other hands. */
async function lockFree(tx: SqlTransaction, sha256s: readonly Buffer[]): Promise<readonly Buffer[]> {
  const locked = await tx.query<{ sha256: Buffer }>({
    text: `select sha256 from lfs_object where sha256 = any($1::bytea[]) and state = 'present' order by sha256 for update`,
    values: [sha256s],
  });
  // Only these: another one may be brought again in this moment, and is not ours to wait for any more.
  const candidates = locked.map((row) => row.sha256);
  const busy = await lockVirtualXorbs(tx, candidates);
  return candidates.filter((sha256) => !busy.some((other) => other.equals(sha256)));
}

/** Repositories hold the present object `o` only as Xet files, and no xorb that is needed is a part of its blob. */
const HAS_UNNEEDED_BLOB = `
  o.state = 'present' and o.storage_key is not null and o.lease_until < now()
  and (
    exists (select from lfs_link l where l.sha256 = o.sha256) or exists (select from lfs_offer f where f.sha256 = o.sha256)
  )
  and not exists (
    select from lfs_link l where l.sha256 = o.sha256 and (l.xet_file_id is null or l.xet_file_id = o.xet_file_id)
  )
  and not exists (select from lfs_offer f where f.sha256 = o.sha256 and f.xet_file_id = o.xet_file_id)
  and not exists (
    select from xet_xorb x where x.blob_sha256 = o.sha256 and (
      x.lease_until > now()
      or exists (select from xet_file_xorb fx where fx.xorb_id = x.id and fx.file_id is distinct from o.xet_file_id)
    )
  )`;

/** Objects whose blob nothing seems to need. Only a hint: `takeUnneededBlobs` decides. */
export async function findUnneededBlobs(sql: SqlExecutor, limit: number): Promise<readonly Buffer[]> {
  return findKeys(sql, `select o.sha256 as key from lfs_object o where ${HAS_UNNEEDED_BLOB}`, limit);
}

/** Takes blobs out of service whose objects stay, in xorbs; as `takeUnneededObjects`. */
export async function takeUnneededBlobs(
  tx: SqlTransaction,
  sha256s: readonly Buffer[],
): Promise<{ readonly count: number; readonly keys: readonly ObjectKey[] }> {
  const free = await lockFree(tx, sha256s);
  const rows = await tx.query<{ sha256: Buffer; storage_key: string; xet_file_id: number | null }>({
    text: `
      with unneeded as (
        select o.sha256, o.storage_key, o.xet_file_id from lfs_object o
        where o.sha256 = any($1::bytea[]) and ${HAS_UNNEEDED_BLOB}
      )
      update lfs_object o set storage_key = null, xet_file_id = null from unneeded u where o.sha256 = u.sha256
      returning u.sha256, u.storage_key, u.xet_file_id`,
    values: [free],
  });
  await tx.execute({
    text: 'delete from xet_file where id = any($1::bigint[])',
    values: [rows.flatMap((row) => row.xet_file_id ?? [])],
  });
  await deleteVirtualXorbs(
    tx,
    rows.map((row) => row.sha256),
  );
  return { count: rows.length, keys: rows.map((row) => parseObjectKey(row.storage_key)) };
}

const IS_UNNEEDED_COPY = 'not exists (select from lfs_link l where l.copy_key = c.storage_key)';

/** Contents with copies of their blobs that no repository holds. Only a hint: `takeUnneededCopies` decides. */
export async function findUnneededCopies(sql: SqlExecutor, limit: number): Promise<readonly Buffer[]> {
  return findKeys(sql, `select distinct c.sha256 as key from lfs_copy c where ${IS_UNNEEDED_COPY}`, limit);
}

/** Takes copies out of service. Who links one has locked its object, as in `takeUnneededObjects`. */
export async function takeUnneededCopies(
  tx: SqlTransaction,
  sha256s: readonly Buffer[],
): Promise<{ readonly count: number; readonly keys: readonly ObjectKey[] }> {
  await tx.query({
    text: 'select from lfs_object where sha256 = any($1::bytea[]) order by sha256 for update',
    values: [sha256s],
  });
  const rows = await tx.query<{ storage_key: string }>({
    text: `delete from lfs_copy c where c.sha256 = any($1::bytea[]) and ${IS_UNNEEDED_COPY} returning c.storage_key`,
    values: [sha256s],
  });
  return { count: rows.length, keys: rows.map((row) => parseObjectKey(row.storage_key)) };
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
