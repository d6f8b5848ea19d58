import type { SqlExecutor, SqlTransaction } from '../../db/sql.ts';
import { likesChanged } from '../activity/subjects.ts';
import type { IdPage } from '../id-page.ts';
import type { RowOfList } from '../nested-page.ts';
import type { RepoType } from '../repo/repo.entity.ts';

/** Who likes what. */
export interface Like extends RowOfList {
  /** Newer ones are greater. */
  readonly likeId: number;
  readonly repoId: number;
  readonly userId: number;
  readonly likedAt: Date;
}

/** Somebody who likes a repository. */
export interface Liker extends Like {
  readonly name: string;
  readonly fullName: string | null;
}

/** A repository that somebody likes. */
export interface Liked extends Like {
  readonly type: RepoType;
  /** `namespace/name` */
  readonly fullName: string;
}

/** A user and a repository. */
export interface LikePair {
  readonly repoId: number;
  readonly userId: number;
}

/** Holds the repository until the end of the transaction: whoever changes its likes takes turns. False when it is gone. */
async function holdRepo(tx: SqlTransaction, repoId: number): Promise<boolean> {
  const rows = await tx.query({
    name: 'hold-liked-repo',
    text: 'select 1 from repo where id = $1 for no key update',
    values: [repoId],
  });
  return rows.length > 0;
}

async function holdUser(tx: SqlTransaction, userId: number): Promise<boolean> {
  const rows = await tx.query({
    name: 'hold-liking-user',
    text: 'select 1 from account where id = $1 for key share',
    values: [userId],
  });
  return rows.length > 0;
}

/** Adds a like unless it is there. @returns how many the repository has now, or null when it, or the user, is gone. */
export async function addLike(tx: SqlTransaction, { repoId, userId }: LikePair): Promise<number | null> {
  // Accounts before repositories, as whoever deletes an account: the row of the like will refer to it.
  if (!(await holdUser(tx, userId)) || !(await holdRepo(tx, repoId))) return null;
  const added = await tx.execute({
    name: 'add-like',
    text: 'insert into repo_like (repo_id, user_id) values ($1, $2) on conflict do nothing',
    values: [repoId, userId],
  });
  return moveCount(tx, repoId, added);
}

/** Takes a like away if it is there. @returns as `addLike`. */
export async function removeLike(tx: SqlTransaction, { repoId, userId }: LikePair): Promise<number | null> {
  if (!(await holdRepo(tx, repoId))) return null;
  const removed = await tx.execute({
    name: 'remove-like',
    text: 'delete from repo_like where repo_id = $1 and user_id = $2',
    values: [repoId, userId],
  });
  return moveCount(tx, repoId, -removed);
}

/** Those of the repositories that a user likes, by id. */
export async function findLikedAmong(
  sql: SqlExecutor,
  { userId, repoIds }: { readonly userId: number; readonly repoIds: readonly number[] },
): Promise<readonly number[]> {
  const rows = await sql.query<{ repo_id: number }>({
    name: 'find-liked-among',
    text: 'select repo_id from repo_like where user_id = $1 and repo_id = any($2)',
    values: [userId, repoIds],
  });
  return rows.map((row) => row.repo_id);
}

/**
 * Takes all likes of a user away and corrects the counters of what he liked. Call it in the transaction that deletes the
 * account, before the row goes: the rows of likes would go with it, and the counters would stay.
 */
export async function forgetLikesOf(tx: SqlTransaction, userId: number): Promise<void> {
  // In order of their ids, like everybody who holds several repositories.
  await tx.query({
    name: 'hold-repos-liked-by',
    text: `
      select id from repo where id in (select repo_id from repo_like where user_id = $1)
      order by id for no key update`,
    values: [userId],
  });
  await tx.execute({
    name: 'forget-likes-of',
    text: `
      with removed as (delete from repo_like where user_id = $1 returning repo_id)
      update repo set likes_count = likes_count - 1 from removed where id = removed.repo_id`,
    values: [userId],
  });
}

async function moveCount(tx: SqlTransaction, repoId: number, by: number): Promise<number> {
  if (by !== 0) tx.announce(likesChanged(repoId));
  const [row] = await tx.query<{ likes_count: number }>({
    name: 'move-likes-count',
    text: 'update repo set likes_count = likes_count + $2 where id = $1 returning likes_count',
    values: [repoId, by],
  });
  return row!.likes_count;
}

export async function hasLike(sql: SqlExecutor, { repoId, userId }: LikePair): Promise<boolean> {
  const rows = await sql.query({
    name: 'has-like',
    text: 'select 1 from repo_like where repo_id = $1 and user_id = $2',
    values: [repoId, userId],
  });
  return rows.length > 0;
}

/** Who liked each of these repositories, newest like first. */
export function listLikers(
  sql: SqlExecutor,
  repoIds: readonly number[],
  { beforeId, limit }: IdPage,
): Promise<Liker[]> {
  return sql.query({
    name: 'list-likers',
    text: `
      select r.id as "listId", p.*
      from unnest($1::bigint[]) as r (id), lateral (
        select k.id as "likeId", k.repo_id as "repoId", k.user_id as "userId", k.created_at as "likedAt",
          a.name, a.full_name as "fullName"
        from repo_like k join account a on a.id = k.user_id
        where k.repo_id = r.id and ($2::bigint is null or k.id < $2)
        order by k.id desc limit $3
      ) p
      order by r.id, p."likeId" desc`,
    values: [repoIds, beforeId, limit],
  });
}

/** What each of these users liked, newest like first, as far as the viewer (null: anonymous) may know of it. */
export function listLiked(
  sql: SqlExecutor,
  { userIds, viewerId }: { readonly userIds: readonly number[]; readonly viewerId: number | null },
  { beforeId, limit }: IdPage,
): Promise<Liked[]> {
  return sql.query({
    name: 'list-liked',
    text: `
      select u.id as "listId", p.*
      from unnest($1::bigint[]) as u (id), lateral (
        select k.id as "likeId", k.repo_id as "repoId", k.user_id as "userId", k.created_at as "likedAt",
          r.type, a.name || '/' || r.name as "fullName"
        from repo_like k
        join repo r on r.id = k.repo_id
        join account a on a.id = r.owner_id
        left join membership m on m.org_id = r.owner_id and m.user_id = $2
        where k.user_id = u.id and (not r.is_private or r.owner_id = $2 or m.id is not null)
          and ($3::bigint is null or k.id < $3)
        order by k.id desc limit $4
      ) p
      order by u.id, p."likeId" desc`,
    values: [userIds, viewerId, beforeId, limit],
  });
}
