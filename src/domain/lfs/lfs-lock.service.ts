import type { RepoPath } from '../../git/path.ts';
import type { DomainError } from '../../lib/domain-error.ts';
import { type Actor, requireWriter } from '../actor.ts';
import type { Deps } from '../deps.ts';
import { BadRequest, Conflict, Forbidden, NotFound } from '../errors.ts';
import type { RepoAccess } from '../repo/repo-access.ts';
import { refusalOfFiles, type RepoAccessService } from '../repo/repo-access.service.ts';
import type { RepoRef } from '../repo/repo-ref.ts';
import { allows } from '../repo/repo.policy.ts';
import { Service } from '../service.ts';
import {
  type HeldLock,
  LfsLockTaken,
  type LockPage,
  type LockQuery,
  parseLockCursor,
  parseLockId,
} from './lfs-lock.ts';
import { countLocks, deleteLock, findLocks, findLocksOfEach, insertLock } from './lfs-lock.queries.ts';

/** A push asks for all of them, so that this is also what one answer holds. */
export const MAX_PAGE_LOCKS = 1000;
/** What one repository can make the hub keep. */
export const MAX_REPO_LOCKS = 10_000;

/** The caller's own locks and those of everybody else. */
export interface VerifiedLocks {
  readonly ours: readonly HeldLock[];
  readonly theirs: readonly HeldLock[];
  readonly nextCursor: string | null;
}

/**
 * Locks of files: git-lfs refuses to push a change of a file that somebody else has locked. They are an agreement between
 * people, for a path in all branches; neither the API nor a push looks at them.
 */
export class LfsLockService extends Service {
  readonly #access: RepoAccessService;

  constructor(deps: Deps, access: RepoAccessService) {
    super(deps);
    this.#access = access;
  }

  /**
   * Whoever may read the files may see who locked them.
   * @throws the errors of `RepoAccessService`. @throws {BadRequest} for a cursor of somebody else.
   */
  async list(actor: Actor, ref: RepoRef, query: LockQuery): Promise<LockPage> {
    const access = await this.#access.requireFiles(actor, ref);
    return this.page(access, query);
  }

  /**
   * The same of many, in their order. One statement. A refusal is in the place of its page.
   * @param repos come from a service that checked the caller's rights. @throws {BadRequest} as `list`.
   */
  async listOfEach(
    repos: readonly RepoAccess[],
    query: LockQuery,
  ): Promise<readonly (LockPage | DomainError)[]> {
    const refusals = repos.map(refusalOfFiles);
    const pages = await this.pages(
      repos.filter((_, index) => refusals[index] === null),
      query,
    );
    const left = pages.values();
    return refusals.map((refusal) => refusal ?? left.next().value!);
  }

  /**
   * Locks a path, whether a file is there or not.
   * @throws {LfsLockTaken} it has a lock, also the caller's own. @throws {BadRequest} there are too many locks.
   */
  async lock(actor: Actor, ref: RepoRef, path: RepoPath): Promise<HeldLock> {
    const access = await this.#access.require(actor, ref, 'write');
    const user = requireWriter(actor);
    const { sql } = this.deps;
    const wanted = { repoId: access.id, ownerId: user.id, path, maxLocks: MAX_REPO_LOCKS };
    const made = await insertLock(sql, wanted);
    if (made) return made;
    const [holder] = await findLocks(sql, { repoId: access.id, path, id: null, afterId: 0, limit: 1 });
    if (holder) throw new LfsLockTaken(holder);
    if ((await countLocks(sql, access.id)) < MAX_REPO_LOCKS)
      throw new Conflict('The lock of this file changed in this moment. Try again.');
    throw new BadRequest(`This repository has ${MAX_REPO_LOCKS} locks. Unlock files that nobody works on.`);
  }

  /**
   * What a push has to respect. It needs the right to push: to write, or for a pull request to read.
   * @throws the errors of `RepoAccessService`. @throws {BadRequest} for a cursor of somebody else.
   */
  async verify(
    actor: Actor,
    ref: RepoRef,
    request: {
      readonly refName: string | null;
      readonly cursor: string | null;
      readonly limit: number | null;
    },
  ): Promise<VerifiedLocks> {
    const access = await this.permitPush(actor, ref, request.refName);
    const user = requireWriter(actor);
    const { locks, nextCursor } = await this.page(access, { ...request, path: null, id: null });
    return {
      ours: locks.filter((lock) => lock.ownerId === user.id),
      theirs: locks.filter((lock) => lock.ownerId !== user.id),
      nextCursor,
    };
  }

  /**
   * Ends a lock: one's own, or, as an administrator of the repository who says `isForced`, that of somebody else.
   * @throws {NotFound} @throws {Forbidden}
   */
  async unlock(
    actor: Actor,
    ref: RepoRef,
    { id, isForced }: { readonly id: string; readonly isForced: boolean },
  ): Promise<HeldLock> {
    const access = await this.#access.require(actor, ref, 'write');
    const user = requireWriter(actor);
    const lock = await this.find(access, id);
    if (!lock) throw noLock();
    if (lock.ownerId !== user.id) checkForce(access, lock, isForced);
    if (!(await deleteLock(this.deps.sql, access.id, lock.id))) throw noLock();
    return lock;
  }

  private async permitPush(actor: Actor, ref: RepoRef, refName: string | null): Promise<RepoAccess> {
    if (!refName?.startsWith('refs/pr/')) return this.#access.require(actor, ref, 'write');
    requireWriter(actor);
    return this.#access.requireFiles(actor, ref);
  }

  private async find(access: RepoAccess, idText: string): Promise<HeldLock | null> {
    const id = parseLockId(idText);
    if (id === null) return null;
    const [lock] = await findLocks(this.deps.sql, {
      repoId: access.id,
      path: null,
      id,
      afterId: 0,
      limit: 1,
    });
    return lock ?? null;
  }

  private async page(access: RepoAccess, query: LockQuery): Promise<LockPage> {
    const [page] = await this.pages([access], query);
    return page!;
  }

  private async pages(repos: readonly RepoAccess[], query: LockQuery): Promise<readonly LockPage[]> {
    const afterId = parseLockCursor(query.cursor);
    const id = query.id === null ? null : parseLockId(query.id);
    if (query.id !== null && id === null) return repos.map(() => ({ locks: [], nextCursor: null }));
    const limit = Math.min(query.limit ?? MAX_PAGE_LOCKS, MAX_PAGE_LOCKS);
    const repoIds = repos.map((repo) => repo.id);
    const filter = { path: query.path, id, afterId, limit: limit + 1 };
    return (await findLocksOfEach(this.deps.sql, repoIds, filter)).map((found) => {
      const locks = found.slice(0, limit);
      return { locks, nextCursor: found.length > limit ? String(locks.at(-1)!.id) : null };
    });
  }
}

function checkForce(access: RepoAccess, { ownerName }: HeldLock, isForced: boolean): void {
  const isAdmin = allows(access.role, access.isPrivate, 'admin');
  if (isAdmin && isForced) return;
  throw new Forbidden(
    isAdmin
      ? `This lock is ${ownerName}'s. End it with "git lfs unlock --force".`
      : `This lock is ${ownerName}'s. Only ${ownerName} and administrators of ${access.fullName} may end it.`,
  );
}

function noLock(): NotFound {
  return new NotFound('There is no such lock. Look with "git lfs locks".');
}
