import { type Actor, requireUser, requireWriter } from '../actor.ts';
import type { SqlTransaction } from '../../db/sql.ts';
import type { Deps } from '../deps.ts';
import { NotFound, RepoNotFound } from '../errors.ts';
import { idPages, type IdPageQuery } from '../id-page.ts';
import { findNamespace } from '../repo/namespace.queries.ts';
import type { RepoAccessService } from '../repo/repo-access.service.ts';
import type { RepoRef } from '../repo/repo-ref.ts';
import { Service } from '../service.ts';
import type { Page } from '../version/values.ts';
import {
  addLike,
  findLikedAmong,
  hasLike,
  type Liked,
  type Liker,
  type LikePair,
  listLiked,
  listLikers,
  removeLike,
} from './like.queries.ts';

export const MAX_LIKES_PAGE = 1000;
const PAGE = { maxLimit: MAX_LIKES_PAGE, idOf: ({ likeId }: { readonly likeId: number }) => likeId };

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

  /** Which of these repositories the caller likes. One statement. */
  async likedAmong(actor: Actor, repoIds: readonly number[]): Promise<ReadonlySet<number>> {
    if (actor.kind === 'anonymous') return new Set();
    return new Set(await findLikedAmong(this.deps.sql, { userId: actor.id, repoIds }));
  }

  /** Who likes a repository, newest like first. @throws {RepoNotFound} @throws {BadRequest} for a wrong cursor. */
  async likers(actor: Actor, ref: RepoRef, query: IdPageQuery): Promise<Page<Liker>> {
    const { id } = await this.#access.require(actor, ref, 'read');
    const [page] = await this.likersOf([id], query);
    return page!;
  }

  /**
   * The same of many repositories, in their order. One statement.
   * @param repoIds come from a service that checked the caller's rights. @throws {BadRequest}
   */
  async likersOf(repoIds: readonly number[], query: IdPageQuery): Promise<readonly Page<Liker>[]> {
    return idPages(repoIds, { ...query, ...PAGE }, (page) => listLikers(this.deps.sql, repoIds, page));
  }

  /**
   * What somebody likes, newest like first. Repositories that the caller must not know of are left out.
   * @throws {NotFound} for a user that does not exist. @throws {BadRequest} for a wrong cursor.
   */
  async likedBy(actor: Actor, username: string, query: IdPageQuery): Promise<Page<Liked>> {
    const account = await findNamespace(this.deps.sql, username, null);
    if (!account) throw new NotFound(`There is no user "${username.slice(0, 100)}".`);
    const [page] = await this.likedByEach(actor, [account.id], query);
    return page!;
  }

  /** The same of many users by id, in their order. One statement. @throws {BadRequest} */
  async likedByEach(
    actor: Actor,
    userIds: readonly number[],
    query: IdPageQuery,
  ): Promise<readonly Page<Liked>[]> {
    const viewerId = actor.kind === 'user' ? actor.id : null;
    return idPages(userIds, { ...query, ...PAGE }, (page) =>
      listLiked(this.deps.sql, { userIds, viewerId }, page),
    );
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
