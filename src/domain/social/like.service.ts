import { type Actor, requireUser, requireWriter } from '../actor.ts';
import type { SqlTransaction } from '../../db/sql.ts';
import type { Deps } from '../deps.ts';
import { BadRequest, NotFound, RepoNotFound } from '../errors.ts';
import { findNamespace } from '../repo/namespace.queries.ts';
import type { RepoAccessService } from '../repo/repo-access.service.ts';
import type { RepoRef } from '../repo/repo-ref.ts';
import { Service } from '../service.ts';
import type { Page } from '../version/values.ts';
import {
  addLike,
  hasLike,
  type Liked,
  type Liker,
  type LikePage,
  type LikePair,
  listLiked,
  listLikers,
  removeLike,
} from './like.queries.ts';

/** A page of a list of likes. */
export interface LikeListQuery {
  readonly limit: number;
  readonly cursor?: string | undefined;
}

export const MAX_LIKES_PAGE = 1000;

/** Who likes what. Liking needs a login and no more than the right to see the repository. */
export class LikeService extends Service {
  readonly #access: RepoAccessService;

  constructor(deps: Deps, access: RepoAccessService) {
    super(deps);
    this.#access = access;
  }

  /**
   * Likes a repository; doing it again changes nothing. @returns how many likes it has now.
   * @throws {Unauthenticated} @throws {RepoNotFound} @throws {Forbidden} a token that only reads.
   */
  async like(actor: Actor, ref: RepoRef): Promise<number> {
    return this.change(await this.permit(actor, ref), addLike);
  }

  /** Takes a like back; doing it again changes nothing. @returns and throws as `like`. */
  async unlike(actor: Actor, ref: RepoRef): Promise<number> {
    return this.change(await this.permit(actor, ref), removeLike);
  }

  /** Whether the caller likes it; nobody does anonymously. @throws {RepoNotFound} */
  async isLiked(actor: Actor, ref: RepoRef): Promise<boolean> {
    const { id: repoId } = await this.#access.require(actor, ref, 'read');
    return actor.kind === 'user' && hasLike(this.deps.sql, { repoId, userId: actor.id });
  }

  /** Who likes a repository, newest like first. @throws {RepoNotFound} @throws {BadRequest} for a wrong cursor. */
  async likers(actor: Actor, ref: RepoRef, query: LikeListQuery): Promise<Page<Liker>> {
    const { id: repoId } = await this.#access.require(actor, ref, 'read');
    return pageOf(query, (page) => listLikers(this.deps.sql, repoId, page));
  }

  /**
   * What somebody likes, newest like first. Repositories that the caller must not know of are left out.
   * @throws {NotFound} for a user that does not exist. @throws {BadRequest} for a wrong cursor.
   */
  async likedBy(actor: Actor, username: string, query: LikeListQuery): Promise<Page<Liked>> {
    const account = await findNamespace(this.deps.sql, username, null);
    if (!account) throw new NotFound(`There is no user "${username.slice(0, 100)}".`);
    const viewerId = actor.kind === 'user' ? actor.id : null;
    return pageOf(query, (page) => listLiked(this.deps.sql, { userId: account.id, viewerId }, page));
  }

  private async permit(actor: Actor, ref: RepoRef): Promise<LikePair> {
    requireUser(actor);
    const { id: repoId } = await this.#access.require(actor, ref, 'read');
    return { repoId, userId: requireWriter(actor).id };
  }

  private async change(
    pair: LikePair,
    work: (tx: SqlTransaction, pair: LikePair) => Promise<number | null>,
  ): Promise<number> {
    const count = await this.deps.sql.transaction((tx) => work(tx, pair));
    if (count === null) throw new RepoNotFound();
    return count;
  }
}

async function pageOf<Item extends { readonly likeId: number }>(
  { limit, cursor }: LikeListQuery,
  list: (page: LikePage) => Promise<readonly Item[]>,
): Promise<Page<Item>> {
  const size = Math.min(Math.max(limit, 1), MAX_LIKES_PAGE);
  const found = await list({ beforeId: parseCursor(cursor), limit: size + 1 });
  const items = found.slice(0, size);
  return { items, nextCursor: found.length > size ? String(items.at(-1)!.likeId) : null };
}

function parseCursor(cursor: string | undefined): number | null {
  if (cursor === undefined) return null;
  if (!/^\d{1,15}$/.test(cursor))
    throw new BadRequest(
      'cursor: this is not a cursor of this list. Follow the Link header of the page before.',
    );
  return Number(cursor);
}
