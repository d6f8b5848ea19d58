import type { Oid } from '../../git/oid.ts';
import { type Actor, requireWriter } from '../actor.ts';
import type { Deps } from '../deps.ts';
import { BadRequest, Conflict, DomainError, NotFound, PayloadTooLarge, RevisionNotFound } from '../errors.ts';
import { mergeInto } from '../history/branch.service.ts';
import { readCommitHead } from '../history/branch-writer.ts';
import type { DiffService } from '../history/diff.service.ts';
import type { RepoAccess } from '../repo/repo-access.ts';
import { refuseDisabled, type RepoAccessService } from '../repo/repo-access.service.ts';
import type { RepoRef } from '../repo/repo-ref.ts';
import { Service } from '../service.ts';
import { insertPullRequest } from '../version/pull-request.queries.ts';
import { MAIN_REF } from '../version/ref-names.ts';
import { lockRef, readRef, swapRef } from '../version/ref.queries.ts';
import { holdStore } from '../version/store-hold.queries.ts';
import { treeSource } from '../version/tree-source.ts';
import type { DiscussionStatus } from './discussion.entity.ts';
import {
  findPullRequest,
  listEvents,
  type ListedPullRequest,
  listPullRequests,
  type PullRequestEvent,
} from './pull-request.queries.ts';

export interface NewPullRequest {
  readonly title: string;
  readonly description: string;
}

/** A proposed change and what was said of it. */
export interface PullRequest {
  readonly repo: RepoAccess;
  readonly number: number;
  readonly title: string;
  readonly status: DiscussionStatus;
  /** Null when the account is gone. */
  readonly authorName: string | null;
  readonly createdAt: Date;
  /** Full name of the branch that it wants to change. */
  readonly baseRef: string;
  readonly mergeCommitOid: Oid | null;
  /** Oldest first; the first is the description. */
  readonly events: readonly PullRequestEvent[];
  /** Paths that both it and its base changed; true when they cannot be told, because the two are too far apart or not related. */
  readonly conflicts: readonly string[] | true;
  /** What it changes, as a patch; null when nobody asked, when it is larger than 1 MB, or when the caller may not read files. */
  readonly patch: string | null;
}

export const PULL_REQUEST_STATES = ['all', 'open', 'closed'] as const;

/** A page of a list, counted from 0. */
export interface PullRequestQuery {
  readonly page: number;
  /** A draft is open, and a merged one is closed. */
  readonly state: (typeof PULL_REQUEST_STATES)[number];
  readonly authorName: string | null;
}

export interface PullRequestPage {
  readonly repo: RepoAccess;
  readonly items: readonly ListedPullRequest[];
  /** Number of items before this page. */
  readonly start: number;
  readonly total: number;
}

const PAGE_SIZE = 50;
const STATUSES = { all: null, open: ['draft', 'open'], closed: ['closed', 'merged'] } as const;
const MIN_TITLE_CHARS = 3;
const MAX_TITLE_CHARS = 200;
const MAX_DESCRIPTION_CHARS = 100_000;

/** Pull requests that begin empty: clients open one and then commit to its ref. */
export class PullRequestService extends Service {
  readonly #access: RepoAccessService;
  readonly #diffs: DiffService;

  constructor(deps: Deps, services: { access: RepoAccessService; diffs: DiffService }) {
    super(deps);
    this.#access = services.access;
    this.#diffs = services.diffs;
  }

  /**
   * Opens a draft against `main`, whose ref is the head of `main`. Whoever may read a repository may propose a change to it.
   * @returns its number. @throws {BadRequest} for the texts. @throws {RevisionNotFound} when `main` has no commit.
   */
  async open(actor: Actor, ref: RepoRef, request: NewPullRequest): Promise<number> {
    const user = requireWriter(actor);
    const access = await this.#access.require(actor, ref, 'read');
    refuseDisabled(access);
    const texts = checkTexts(request);
    const { id: repoId, storeId } = access;
    return this.deps.sql.transaction(async (tx) => {
      await lockRef(tx, storeId, MAIN_REF);
      const newOid = await readRef(tx, storeId, MAIN_REF);
      if (newOid === null) throw new RevisionNotFound('main');
      const draft = { repoId, authorId: user.id, ...texts, baseRef: MAIN_REF, status: 'draft' as const };
      const number = await insertPullRequest(tx, draft);
      const refName = `refs/pr/${number}`;
      const update = { storeId, refName, oldOid: null, newOid, userId: user.id, via: 'api' as const };
      if (!(await swapRef(tx, update))) throw new Conflict(`${refName} exists already.`);
      return number;
    });
  }

  /** Newest first, 50 to a page. */
  async list(
    actor: Actor,
    ref: RepoRef,
    { page, state, authorName }: PullRequestQuery,
  ): Promise<PullRequestPage> {
    const repo = await this.#access.require(actor, ref, 'read');
    const start = page * PAGE_SIZE;
    // No account has such a name, and the database takes no NUL.
    if (authorName?.includes('\0')) return { repo, items: [], start, total: 0 };
    const filter = { repoId: repo.id, statuses: STATUSES[state], authorName };
    const found = await listPullRequests(this.deps.sql, filter, { offset: start, limit: PAGE_SIZE });
    return { repo, start, ...found };
  }

  /** @throws {NotFound} when the repository has no pull request of that number. */
  async find(
    actor: Actor,
    ref: RepoRef,
    { number, withPatch }: { readonly number: number; readonly withPatch: boolean },
  ): Promise<PullRequest> {
    const repo = await this.#access.require(actor, ref, 'read');
    const found = await findPullRequest(this.deps.sql, repo.id, number);
    if (!found) throw new NotFound(`${repo.fullName} has no pull request ${number}.`);
    const refName = `refs/pr/${number}`;
    return {
      repo,
      number,
      ...found,
      events: await listEvents(this.deps.sql, found.id),
      conflicts: await this.conflicts(repo, { refName, baseRef: found.baseRef }),
      patch: withPatch ? await this.patch(actor, ref, { refName, baseRef: found.baseRef }) : null,
    };
  }

  private async conflicts(
    { storeId }: RepoAccess,
    { refName, baseRef }: Refs,
  ): Promise<readonly string[] | true> {
    try {
      await this.deps.sql.transaction(async (tx) => {
        await holdStore(tx, storeId);
        const base = await readRef(tx, storeId, baseRef);
        const sourceOid = await readRef(tx, storeId, refName);
        if (base === null || sourceOid === null) throw new Conflict('A side of it is gone.');
        const readTree = treeSource(tx, this.deps.versionCaches, storeId);
        const head = await readCommitHead(tx, storeId, base);
        await mergeInto({ tx, readTree, head }, { storeId, sourceOid, favor: 'none', isSquashed: false });
      });
      return [];
    } catch (error) {
      if (error instanceof PayloadTooLarge) return true;
      if (!(error instanceof Conflict)) throw error;
      const { conflicts } = error.details;
      return Array.isArray(conflicts) ? (conflicts as readonly string[]) : true;
    }
  }

  private async patch(actor: Actor, repo: RepoRef, { refName, baseRef }: Refs): Promise<string | null> {
    try {
      const range = { base: baseRef, head: refName, from: 'merge-base' as const };
      const { compared } = await this.#diffs.findRange(actor, repo, range, { looking: 'contents' });
      return await this.#diffs.patchText(compared);
    } catch (error) {
      // Before a gate, of a disabled repository, of a branch that is gone, or too large: the rest can be seen.
      if (error instanceof DomainError) return null;
      throw error;
    }
  }
}

interface Refs {
  readonly refName: string;
  readonly baseRef: string;
}

function checkTexts({ title, description }: NewPullRequest): NewPullRequest {
  const trimmed = title.trim();
  if (trimmed.length < MIN_TITLE_CHARS || trimmed.length > MAX_TITLE_CHARS)
    throw new BadRequest(`title: expected ${MIN_TITLE_CHARS} to ${MAX_TITLE_CHARS} characters.`);
  if (description.length > MAX_DESCRIPTION_CHARS)
    throw new BadRequest(`description: expected at most ${MAX_DESCRIPTION_CHARS} characters.`);
  if (title.includes('\0') || description.includes('\0'))
    throw new BadRequest('title and description must not contain a NUL character.');
  return { title: trimmed.toWellFormed(), description: description.toWellFormed() };
}
