import type { SqlExecutor, SqlTransaction } from '../../db/sql.ts';

/** A repository that keeps so many versions of each LFS file. */
export interface PrunedRepo {
  readonly repoId: number;
  readonly storeId: number;
  readonly keepVersions: number;
}

/** @param keepVersions of repositories that do not say themselves; null is all. */
export function findReposToPrune(sql: SqlExecutor, keepVersions: number | null): Promise<PrunedRepo[]> {
  return sql.query({
    name: 'find-repos-to-prune',
    text: `
      select r.id as "repoId", s.id as "storeId", coalesce(r.lfs_keep_versions, $1::int) as "keepVersions"
      from repo r join git_store s on s.repo_id = r.id
      where coalesce(r.lfs_keep_versions, $1::int) is not null
        and exists (select from lfs_link l where l.repo_id = r.id and l.committed_at is not null)
      order by r.id`,
    values: [keepVersions],
  });
}

/**
 * Contents that the repository holds and that are none of the newest versions of any path, since before the cutoff. A version
 * is a content, counted from when a commit last brought it to the path. It falls out when so many newer ones came.
 */
export async function findOldVersions(
  sql: SqlExecutor,
  { repoId, keepVersions }: Pick<PrunedRepo, 'repoId' | 'keepVersions'>,
  cutoff: Date,
): Promise<readonly Buffer[]> {
  const rows = await sql.query<{ sha256: Buffer }>({
    name: 'find-old-versions',
    text: `
      with version as (
        select sha256, lag(max(created_at), $2::int) over (partition by path order by max(id) desc) as fell_out_at
        from lfs_history where repo_id = $1 group by path, sha256
      )
      select v.sha256 from version v
      join lfs_link l on l.repo_id = $1 and l.sha256 = v.sha256 and l.committed_at is not null
      group by v.sha256
      having bool_and(v.fell_out_at is not null and v.fell_out_at < $3)
      order by v.sha256`,
    values: [repoId, keepVersions, cutoff],
  });
  return rows.map((row) => row.sha256);
}

/** A blob that is a pointer to an LFS object. */
export interface Pointer {
  readonly oid: Buffer;
  readonly sha256: Buffer;
}

export function findPointers(
  sql: SqlExecutor,
  storeId: number,
  sha256s: readonly Buffer[],
): Promise<Pointer[]> {
  return sql.query({
    name: 'find-pointers',
    text: 'select oid, lfs_sha256 as sha256 from git_object where store_id = $1 and lfs_sha256 = any($2::bytea[])',
    values: [storeId, sha256s],
  });
}

/** Which of these objects, ids end to end, the store has. */
export async function keepStored(sql: SqlExecutor, storeId: number, oids: Buffer): Promise<Buffer> {
  const [row] = await sql.query<{ oids: Buffer | null }>({
    name: 'keep-stored',
    text: `
      select string_agg(o.oid, ''::bytea) as oids
      from generate_series(0, length($2::bytea) / 20 - 1) as n
      join git_object o on o.store_id = $1 and o.oid = substr($2::bytea, n * 20 + 1, 20)`,
    values: [storeId, oids],
  });
  return row?.oids ?? Buffer.alloc(0);
}

/** Notes which of these objects the history goes on to name. */
export async function insertPruned(
  tx: SqlTransaction,
  { repoId, storeId }: Pick<PrunedRepo, 'repoId' | 'storeId'>,
  sha256s: readonly Buffer[],
): Promise<void> {
  await tx.execute({
    name: 'insert-pruned',
    text: `
      insert into lfs_pruned (repo_id, sha256)
      select $1, q.sha256 from unnest($3::bytea[]) as q (sha256)
      where exists (select from git_object o where o.store_id = $2 and o.lfs_sha256 = q.sha256)
      on conflict do nothing`,
    values: [repoId, storeId, sha256s],
  });
}
