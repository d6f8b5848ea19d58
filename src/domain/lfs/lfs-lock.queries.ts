import type { SqlExecutor } from '../../db/sql.ts';
import type { RepoPath } from '../../git/path.ts';
import type { HeldLock } from './lfs-lock.ts';

const COLUMNS = `l.id, l.path, l.owner_id as "ownerId", a.name as "ownerName", l.created_at as "lockedAt"`;

export interface NewLock {
  readonly repoId: number;
  readonly ownerId: number;
  readonly path: RepoPath;
  /** A repository with so many locks gets no more. */
  readonly maxLocks: number;
}

/** The new lock, or null: the path is locked, the repository has too many locks, or it was deleted in this moment. */
export async function insertLock(sql: SqlExecutor, lock: NewLock): Promise<HeldLock | null> {
  const [row] = await sql.query<HeldLock>({
    name: 'insert-lfs-lock',
    text: `
      with home as (
        select id from repo where id = $1 for key share
      ), l as (
        insert into lfs_lock (repo_id, path, path_sha256, owner_id)
        select home.id, $2, sha256(convert_to($2, 'UTF8')), $3 from home
        where (select count(*) from lfs_lock where repo_id = $1) < $4
        on conflict (repo_id, path_sha256) do nothing
        returning id, path, owner_id, created_at
      )
      select ${COLUMNS} from l join account a on a.id = l.owner_id`,
    values: [lock.repoId, lock.path, lock.ownerId, lock.maxLocks],
  });
  return row ?? null;
}

export interface LockFilter {
  readonly path: RepoPath | null;
  readonly id: number | null;
  /** Only locks with a higher id. */
  readonly afterId: number;
  readonly limit: number;
}

/** Locks by id. All conditions hold together. */
export async function findLocks(
  sql: SqlExecutor,
  { repoId, ...filter }: LockFilter & { readonly repoId: number },
): Promise<readonly HeldLock[]> {
  const [locks] = await findLocksOfEach(sql, [repoId], filter);
  return locks!;
}

/** The same of many repositories, in their order, by one statement. */
export async function findLocksOfEach(
  sql: SqlExecutor,
  repoIds: readonly number[],
  { path, id, afterId, limit }: LockFilter,
): Promise<readonly (readonly HeldLock[])[]> {
  const rows = await sql.query<HeldLock & { ord: number }>({
    text: `
      select q.ord, page.* from unnest($1::bigint[]) with ordinality as q (repo_id, ord)
      cross join lateral (
        select ${COLUMNS} from lfs_lock l join account a on a.id = l.owner_id
        where l.repo_id = q.repo_id and l.id > $2 and ($3::bigint is null or l.id = $3)
          and ($4::text is null or l.path_sha256 = sha256(convert_to($4, 'UTF8')))
        order by l.id limit $5
      ) page
      order by q.ord, page.id`,
    values: [repoIds, afterId, id, path, limit],
  });
  const locks = Map.groupBy(rows, (row) => row.ord);
  return repoIds.map((_, index) => (locks.get(index + 1) ?? []).map(({ ord: _ord, ...lock }) => lock));
}

export async function countLocks(sql: SqlExecutor, repoId: number): Promise<number> {
  const [row] = await sql.query<{ count: number }>({
    text: 'select count(*) from lfs_lock where repo_id = $1',
    values: [repoId],
  });
  return row?.count ?? 0;
}

/** Whether the lock was still there. */
export async function deleteLock(sql: SqlExecutor, repoId: number, id: number): Promise<boolean> {
  const deleted = await sql.execute({
    text: 'delete from lfs_lock where repo_id = $1 and id = $2',
    values: [repoId, id],
  });
  return deleted === 1;
}
