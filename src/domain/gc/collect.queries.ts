import type { SqlExecutor, SqlTransaction } from '../../db/sql.ts';

/** What was deleted, or would be. */
export interface DeletedObject {
  readonly oid: Buffer;
  readonly type: number;
  readonly sizeBytes: number;
  readonly packedBytes: number;
  readonly segmentId: number;
  /** What the object points to, if it is an LFS pointer. */
  readonly lfsSha256: Buffer | null;
}

const COLUMNS = `oid, type, size_bytes as "sizeBytes", packed_bytes as "packedBytes", segment_id as "segmentId",
  lfs_sha256 as "lfsSha256"`;

export function readObjects(
  sql: SqlExecutor,
  storeId: number,
  oids: readonly Buffer[],
): Promise<DeletedObject[]> {
  return sql.query({
    name: 'gc-read-objects',
    text: `select ${COLUMNS} from git_object where store_id = $1 and oid = any($2::bytea[])`,
    values: [storeId, oids],
  });
}

export function deleteObjects(
  tx: SqlTransaction,
  storeId: number,
  oids: readonly Buffer[],
): Promise<DeletedObject[]> {
  return tx.query({
    name: 'gc-delete-objects',
    text: `delete from git_object where store_id = $1 and oid = any($2::bytea[]) returning ${COLUMNS}`,
    values: [storeId, oids],
  });
}

/** Everything that rows say about these commits. */
export async function deleteCommitRows(
  tx: SqlTransaction,
  { storeId, repoId }: { readonly storeId: number; readonly repoId: number },
  oids: readonly Buffer[],
): Promise<void> {
  if (oids.length === 0) return;
  await tx.execute({
    name: 'gc-delete-path-changes',
    text: 'delete from path_change where store_id = $1 and commit_oid = any($2::bytea[])',
    values: [storeId, oids],
  });
  await tx.execute({
    name: 'gc-delete-lfs-history',
    text: 'delete from lfs_history where repo_id = $1 and commit_oid = any($2::bytea[])',
    values: [repoId, oids],
  });
  await tx.execute({
    name: 'gc-delete-commits',
    text: 'delete from git_commit where store_id = $1 and oid = any($2::bytea[])',
    values: [storeId, oids],
  });
}

/** Takes segments out of service that no object lies in any more. Their bytes stay for those who read them now. */
export async function replaceEmptySegments(
  tx: SqlTransaction,
  storeId: number,
  segmentIds: readonly number[],
): Promise<number> {
  return tx.execute({
    name: 'gc-replace-empty-segments',
    text: `
      update git_segment s set state = 'replaced', replaced_at = now()
      where s.store_id = $1 and s.id = any($2::bigint[]) and s.state = 'live'
        and not exists (select from git_object o where o.store_id = $1 and o.segment_id = s.id)`,
    values: [storeId, segmentIds],
  });
}

/** The repository of a store whose lock is held; null when it is deleted. */
export async function readRepoOfStore(tx: SqlTransaction, storeId: number): Promise<number | null> {
  const [row] = await tx.query<{ repo_id: number | null }>({
    name: 'gc-read-repo-of-store',
    text: 'select repo_id from git_store where id = $1',
    values: [storeId],
  });
  return row?.repo_id ?? null;
}

/** LFS objects that no pointer of a store names. */
export async function findUnnamedLfs(
  sql: SqlExecutor,
  storeId: number,
  sha256s: readonly Buffer[],
): Promise<readonly Buffer[]> {
  const rows = await sql.query<{ sha256: Buffer }>({
    name: 'gc-find-unnamed-lfs',
    text: `
      select distinct q.sha256 from unnest($2::bytea[]) as q (sha256)
      where not exists (select from git_object o where o.store_id = $1 and o.lfs_sha256 = q.sha256)`,
    values: [storeId, sha256s],
  });
  return rows.map((row) => row.sha256);
}

/** Remembers that changes of refs before a moment are collected. */
export async function noteCollected(sql: SqlExecutor, storeId: number, until: Date): Promise<void> {
  await sql.execute({
    name: 'gc-note-collected',
    text: `
      insert into git_collection (store_id, collected_until)
      select id, $2 from git_store where id = $1
      on conflict (store_id) do update
      set collected_until = greatest(git_collection.collected_until, excluded.collected_until)`,
    values: [storeId, until],
  });
}

/**
 * Stores in which a ref was deleted, or moved to something else than a child of what it was, before the grace time and after the
 * last collection. Only such a change can leave garbage behind; a push of several commits looks like one and costs one more look.
 */
export async function findStoresToCollect(sql: SqlExecutor, graceMs: number): Promise<readonly number[]> {
  const rows = await sql.query<{ id: number }>({
    text: `
      select s.id from git_store s left join git_collection g on g.store_id = s.id
      where s.repo_id is not null and exists (
        select from git_reflog r left join git_commit c on c.store_id = r.store_id and c.oid = r.new_oid
        where r.store_id = s.id and r.old_oid is not null
          and r.created_at >= coalesce(g.collected_until, '-infinity')
          and r.created_at < now() - make_interval(secs => $1::float8 / 1000)
          and (c.oid is null or position(r.old_oid in c.parents) = 0)
      )
      order by s.id`,
    values: [graceMs],
  });
  return rows.map((row) => row.id);
}
