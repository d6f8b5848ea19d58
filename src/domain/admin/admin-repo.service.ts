import { type Actor, requireAdmin, requireUser, requireWriter } from '../actor.ts';
import type { Deps } from '../deps.ts';
import { RepoNotFound } from '../errors.ts';
import { notACursor } from '../id-page.ts';
import { nameKey } from '../org/org-lock.ts';
import type { RepoAccess } from '../repo/repo-access.ts';
import { isPossibleName, type RepoRef } from '../repo/repo-ref.ts';
import type { RepoService } from '../repo/repo.service.ts';
import { Service } from '../service.ts';
import type { Page } from '../version/values.ts';
import { MAX_ADMIN_PAGE } from './admin-page.ts';
import {
  type AdminRepo,
  type AdminRepoFilter,
  type AdminRepoPosition,
  type AdminRepoSort,
  listAllRepos,
  positionOf,
  setDisabled,
} from './admin-repo.queries.ts';
import { requireStillAdmin } from './admin-user.queries.ts';
import { type AuditSubject, recordAct } from './audit.ts';
import { parseReason } from './reason.ts';
import { parseSearch } from './search-text.ts';

export interface RepoListQuery extends Omit<AdminRepoFilter, 'search'> {
  readonly search?: string | undefined;
  readonly sort: AdminRepoSort;
  readonly limit: number;
  readonly cursor?: string | undefined;
}

/** What is to become of a repository, and why. */
export interface RepoVerdict {
  readonly isDisabled: boolean;
  readonly reason?: string | null | undefined;
}

/** Repositories of everybody, for administrators of the site. They see names and sizes, not contents. */
export class AdminRepoService extends Service {
  readonly #repos: RepoService;

  constructor(deps: Deps, repos: RepoService) {
    super(deps);
    this.#repos = repos;
  }

  /** @throws {Unauthenticated} @throws {Forbidden} @throws {BadRequest} */
  async list(actor: Actor, query: RepoListQuery): Promise<Page<AdminRepo>> {
    requireAdmin(requireUser(actor));
    const { sort, type, isPrivate, isDisabled } = query;
    const namespace = query.namespace === null ? null : nameKey(query.namespace);
    const filter = { search: parseSearch(query.search), type, namespace, isPrivate, isDisabled };
    const limit = Math.min(Math.max(query.limit, 1), MAX_ADMIN_PAGE);
    const after = parseCursor(sort, query.cursor);
    // One more, to see whether there is another page.
    const found = await listAllRepos(this.deps.sql, filter, { sort, after, limit: limit + 1 });
    const items = found.slice(0, limit);
    return { items, nextCursor: found.length > limit ? cursorOf(sort, items.at(-1)!) : null };
  }

  /**
   * Shuts a repository, so that nobody gets at its files or writes to it, or opens it again. @returns it as it is now.
   * @throws {RepoNotFound} @throws {Forbidden} @throws {Unauthenticated} @throws {BadRequest}
   */
  async setDisabled(actor: Actor, ref: RepoRef, verdict: RepoVerdict): Promise<AdminRepo> {
    const admin = requireAdmin(requireWriter(actor));
    const access = await this.find(ref);
    const { isDisabled } = verdict;
    const details = { reason: parseReason(verdict.reason) };
    await this.deps.sql.transaction(async (tx) => {
      await requireStillAdmin(tx, admin.id);
      if (!(await setDisabled(tx, access.id, isDisabled))) return;
      const action = isDisabled ? 'repo.disable' : 'repo.enable';
      await recordAct(tx, admin, { action, subject: subjectOf(access), details });
    });
    return { ...access, isGated: access.gated !== null, isDisabled };
  }

  /** @returns its id. @throws {RepoNotFound} also for a former name. @throws {Forbidden} @throws {Unauthenticated} @throws {Conflict} */
  async delete(actor: Actor, ref: RepoRef): Promise<number> {
    const admin = requireAdmin(requireWriter(actor));
    const access = await this.find(ref);
    await this.#repos.remove(access, async (tx) => {
      await requireStillAdmin(tx, admin.id);
      const details = { private: access.isPrivate, used_bytes: access.usedBytes };
      await recordAct(tx, admin, { action: 'repo.delete', subject: subjectOf(access), details });
    });
    return access.id;
  }

  /** The repository, whoever may see it. */
  private async find(ref: RepoRef): Promise<RepoAccess> {
    const isPossible = isPossibleName(ref.namespace) && isPossibleName(ref.name);
    const access = isPossible ? await this.deps.repoLoader.load({ ref, userId: null }) : null;
    if (!access) throw new RepoNotFound();
    return access;
  }
}

function subjectOf({ id, type, fullName }: RepoAccess): AuditSubject {
  return { kind: 'repo', id, name: `${type} ${fullName}` };
}

function cursorOf(sort: AdminRepoSort, repo: AdminRepo): string {
  const { value, id } = positionOf(sort, repo);
  return `${sort}.${value}.${id}`;
}

/** @throws {BadRequest} for a cursor that no page of this list gave. */
function parseCursor(sort: AdminRepoSort, cursor: string | undefined): AdminRepoPosition | null {
  if (cursor === undefined) return null;
  const [, of, value, id] = /^([a-z]+)\.(-?\d{1,15})\.(\d{1,15})$/.exec(cursor) ?? [];
  if (of !== sort) {
    throw notACursor();
  }
  return { value: Number(value), id: Number(id) };
}
