import type { Oid } from '../../git/oid.ts';
import type { SqlTransaction } from '../../db/sql.ts';
import { type Actor, requireWriter, type UserActor } from '../actor.ts';
import type { Deps } from '../deps.ts';
import { BadRequest, Conflict, Forbidden, RevisionNotFound, StaleParent } from '../errors.ts';
import { linkLfsObjects } from '../lfs/lfs.queries.ts';
import type { LfsService } from '../lfs/lfs.service.ts';
import { chargeStorage } from '../quota/quota.queries.ts';
import type { RepoAccess } from '../repo/repo-access.ts';
import { refuseDisabled, type RepoAccessService } from '../repo/repo-access.service.ts';
import type { RepoIndexService } from '../repo/repo-index.service.ts';
import type { RepoRef } from '../repo/repo-ref.ts';
import { allows } from '../repo/repo.policy.ts';
import { Service } from '../service.ts';
import { type CollectedEdits, EditCollector } from './commit-edits.ts';
import { branchOf, checkCommitPrefix, checkTexts, PULL_REQUEST_REF, touchesIndex } from './commit-rules.ts';
import { type CommitAuthor, type CommitPlan, type Head, planCommit } from './commit-plan.ts';
import type { CommitRequest, CommitResult } from './commit-request.ts';
import {
  insertCommit,
  insertLfsHistory,
  insertPathChanges,
  promiseIndexing,
  readCommitPosition,
  touchRepoHead,
} from './commit.queries.ts';
import { insertSegment } from './object.queries.ts';
import { insertCommitEvent, insertPullRequest, readPullRequest } from './pull-request.queries.ts';
import { MAIN_REF } from './ref-names.ts';
import { lockRef, readRef, swapRef } from './ref.queries.ts';
import type { RevisionService } from './revision.service.ts';
import { isInlineSize, SegmentWriter } from './segment-writer.ts';
import { findMissingObjects } from './store-hold.queries.ts';
import type { TreeService } from './tree.service.ts';
import { treeSource } from './tree-source.ts';

/** How often a commit with large trees may find that the branch moved while it stored them. */
const MAX_LARGE_ATTEMPTS = 10;

/** Writes commits that come by API. One transaction publishes everything; the answer follows its COMMIT. */
export class CommitService extends Service {
  readonly #access: RepoAccessService;
  readonly #revisions: RevisionService;
  readonly #trees: TreeService;
  readonly #lfs: LfsService;
  readonly #index: RepoIndexService;

  constructor(
    deps: Deps,
    services: {
      access: RepoAccessService;
      revisions: RevisionService;
      trees: TreeService;
      lfs: LfsService;
      repoIndex: RepoIndexService;
    },
  ) {
    super(deps);
    this.#access = services.access;
    this.#revisions = services.revisions;
    this.#trees = services.trees;
    this.#lfs = services.lfs;
    this.#index = services.repoIndex;
  }

  /**
   * Applies operations to a branch (or to a pull request's ref), or opens a pull request with them.
   *
   * @param revision the branch; `refs/pr/N` for a pull request.
   * @throws {RevisionNotFound} when it is not an existing branch. @throws {StaleParent}
   * @throws {LfsObjectMissing} @throws {QuotaExceeded} @throws {EntryNotFound} @throws {BadRequest}
   */
  async commit(actor: Actor, ref: RepoRef, revision: string, given: CommitRequest): Promise<CommitResult> {
    const { access, user, refName } = await this.permit(actor, ref, revision, given);
    const request = { ...given, ...checkTexts(given) };
    checkCommitPrefix(given.parentCommit, 'The parent commit');
    const writer = new SegmentWriter(this.deps.sql, this.deps.store, access.storeId);
    const collector = new EditCollector({ packPool: this.deps.packPool, writer });
    try {
      const edits = await collector.collect(request.operations, {
        lfsSizes: (wanted) => this.#lfs.ensureUploaded(access, user, wanted),
        copySource: (path, sourceRevision) => this.copySource(access, path, sourceRevision ?? refName),
      });
      const result = await this.publish({ access, user, refName, request, edits, writer });
      if (result.needsIndexing) await this.#index.index(access.id);
      return result;
    } finally {
      await collector.abandon();
    }
  }

  /**
   * What a caller may move: a branch of a repository that he may write, or the ref of an open pull request that he may push to.
   * @throws {RevisionNotFound} for other revisions. @throws {Conflict} for a closed pull request. Also what `require` throws.
   */
  permitRef(actor: Actor, ref: RepoRef, revision: string): Promise<PermittedRef> {
    return this.permit(actor, ref, revision, { createsPullRequest: false });
  }

  private async permit(
    actor: Actor,
    ref: RepoRef,
    revision: string,
    request: Pick<CommitRequest, 'createsPullRequest'>,
  ): Promise<PermittedRef> {
    const refName = branchOf(revision);
    const pullRequest = PULL_REQUEST_REF.exec(refName);
    if (!request.createsPullRequest && !pullRequest) {
      const access = await this.#access.require(actor, ref, 'write');
      return { access, user: requireWriter(actor), refName };
    }
    // Whoever may read a repository may propose a change to it, and go on with his own proposal.
    const user = requireWriter(actor);
    const access = await this.#access.require(actor, ref, 'read');
    refuseDisabled(access);
    if (pullRequest && !request.createsPullRequest)
      await this.permitPullRequest(access, user, Number(pullRequest[1]));
    return { access, user, refName };
  }

  private async permitPullRequest(access: RepoAccess, user: UserActor, number: number): Promise<void> {
    const pullRequest = await readPullRequest(this.deps.sql, access.id, number);
    if (!pullRequest) throw new RevisionNotFound(`refs/pr/${number}`);
    if (pullRequest.authorId !== user.id && !allows(access.role, access.isPrivate, 'write')) {
      throw new Forbidden(`Only its author and people with write access may push to pull request ${number}.`);
    }
    if (!pullRequest.isOpen) throw new Conflict(`Pull request ${number} is closed.`);
  }

  private async copySource(access: RepoAccess, path: string, revision: string) {
    const { commitOid } = await this.#revisions.resolve(access, revision);
    return this.#trees.entry(access, commitOid, path);
  }

  private async publish(write: Write): Promise<Published> {
    let prepared: CommitPlan | null = null;
    for (let attempt = 0; attempt < MAX_LARGE_ATTEMPTS; attempt++) {
      const outcome = await this.deps.sql.transaction((tx) => this.publishOn(tx, write, prepared));
      if (!('tooLarge' in outcome)) return outcome;
      // Trees of this size go to the object store, which must not happen inside a transaction.
      prepared = { ...outcome.tooLarge, segment: await write.writer.makeDurable(outcome.tooLarge.segment) };
    }
    throw new Conflict('Too many commits are made to this branch at the same time. Try again.');
  }

  /** The whole of a commit in the database, under the lock of its ref. */
  private async publishOn(
    tx: SqlTransaction,
    write: Write,
    prepared: CommitPlan | null,
  ): Promise<Published | { readonly tooLarge: CommitPlan }> {
    const { access, request, refName } = write;
    await lockRef(tx, access.storeId, refName);
    await requireCopied(tx, access.storeId, write.edits);
    const head = await this.readHead(tx, access.storeId, refName);
    checkParent(head, request);
    const plan = prepared && prepared.head?.oid === head?.oid ? prepared : await this.plan(tx, write, head);
    if (!plan) return publishNothing(write, head!);
    if (plan.segment.storageKey === null && !isInlineSize(plan.segment)) return { tooLarge: plan };
    // The rows first: they charge the namespace before the repository, and a pull request takes a number of the repository.
    await this.publishRows(tx, write, plan);
    const target = await this.publishRef(tx, write, { oldOid: head?.oid ?? null, newOid: plan.oid });
    const movesMain = target.refName === MAIN_REF;
    const needsIndexing = movesMain && touchesIndex(plan.changedEntries);
    if (movesMain) await touchRepoHead(tx, access.id, plan.oid);
    if (needsIndexing) await promiseIndexing(tx, access.id);
    return { ...target, commitOid: plan.oid, needsIndexing };
  }

  private async readHead(tx: SqlTransaction, storeId: number, refName: string): Promise<Head | null> {
    const oid = await readRef(tx, storeId, refName);
    if (oid === null) {
      if (refName === MAIN_REF) return null;
      throw new RevisionNotFound(refName);
    }
    const position = await readCommitPosition(tx, storeId, oid);
    if (!position) throw new Error(`${refName} of store ${storeId} names ${oid}, which is not a commit`);
    return { oid, ...position };
  }

  private plan(tx: SqlTransaction, write: Write, head: Head | null): Promise<CommitPlan | null> {
    const { access, edits, request, user } = write;
    return planCommit({
      head,
      readTree: treeSource(tx, this.deps.versionCaches, access.storeId),
      edits: edits.treeEdits,
      loose: edits.loose,
      author: this.author(user),
      title: request.title,
      description: request.description,
      at: new Date(),
    });
  }

  private author(user: UserActor): CommitAuthor {
    const host = new URL(this.deps.config.baseUrl).hostname;
    // The account's own address would become public with the history.
    return { userId: user.id, name: user.name, email: `${user.name}@users.noreply.${host}` };
  }

  /** Moves the branch, or opens a pull request whose ref is the new commit. */
  private async publishRef(
    tx: SqlTransaction,
    { access, user, refName, request }: Write,
    { oldOid, newOid }: { oldOid: Oid | null; newOid: Oid },
  ): Promise<{ refName: string; pullRequestNumber: number | null }> {
    const common = { storeId: access.storeId, newOid, userId: user.id, via: 'api' as const };
    if (!request.createsPullRequest) {
      // The lock is for fairness, the swap for safety: it also sees writers that know no lock.
      if (!(await swapRef(tx, { ...common, refName, oldOid }))) throw new StaleParent();
      const number = Number(PULL_REQUEST_REF.exec(refName)?.[1] ?? 0);
      const event = { repoId: access.id, number, authorId: user.id };
      if (number > 0) await insertCommitEvent(tx, event, { oid: newOid, subject: request.title });
      return { refName, pullRequestNumber: null };
    }
    const number = await insertPullRequest(tx, {
      repoId: access.id,
      authorId: user.id,
      title: request.title,
      description: request.description,
      baseRef: refName,
      status: 'open',
    });
    const pullRequestRef = `refs/pr/${number}`;
    if (!(await swapRef(tx, { ...common, refName: pullRequestRef, oldOid: null }))) {
      throw new Conflict(`${pullRequestRef} exists already.`);
    }
    await insertCommitEvent(
      tx,
      { repoId: access.id, number, authorId: user.id },
      { oid: newOid, subject: request.title },
    );
    return { refName: pullRequestRef, pullRequestNumber: number };
  }

  private async publishRows(
    tx: SqlTransaction,
    { access, user, edits, writer }: Write,
    plan: CommitPlan,
  ): Promise<void> {
    const { storeId } = access;
    let newBytes = 0;
    const segments = [...edits.segments, plan.segment];
    for (const segment of segments) {
      newBytes += (await insertSegment(tx, storeId, segment)).newBlobBytes;
    }
    await writer.settle(tx, segments);
    const { oid, commit, generation } = plan;
    await insertCommit(tx, { storeId, oid, commit, generation, userId: user.id });
    await insertPathChanges(tx, { storeId, generation, commitOid: oid }, plan.changedEntries);
    if (edits.lfsFiles.length > 0) {
      const linked = await linkLfsObjects(tx, access.id, [
        ...new Set(edits.lfsFiles.map((file) => file.sha256)),
      ]);
      newBytes += linked.newlyCommittedBytes;
      await insertLfsHistory(tx, { repoId: access.id, commitOid: oid }, edits.lfsFiles);
    }
    await chargeStorage(tx, access.id, newBytes);
  }
}

export interface PermittedRef {
  readonly access: RepoAccess;
  readonly user: UserActor;
  readonly refName: string;
}

interface Write {
  readonly access: RepoAccess;
  readonly user: UserActor;
  readonly refName: string;
  readonly request: CommitRequest;
  readonly edits: CollectedEdits;
  readonly writer: SegmentWriter;
}

interface Published extends CommitResult {
  readonly needsIndexing: boolean;
}

/** Nothing differs from the head: a repeated request must be harmless, so this is success without a commit. */
function publishNothing({ request, refName }: Write, head: Head): Published {
  if (request.createsPullRequest) throw new BadRequest('The pull request would change nothing.');
  return { commitOid: head.oid, refName, pullRequestNumber: null, needsIndexing: false };
}

/** Sources of copies were found before the store was held. @throws {Conflict} */
async function requireCopied(
  tx: SqlTransaction,
  storeId: number,
  { copiedOids }: CollectedEdits,
): Promise<void> {
  if ((await findMissingObjects(tx, storeId, copiedOids)).length > 0)
    throw new Conflict('A file to be copied was removed from the repository at this moment. Try again.');
}

function checkParent(head: Head | null, { parentCommit }: CommitRequest): void {
  if (parentCommit !== null && !head?.oid.startsWith(parentCommit.toLowerCase())) throw new StaleParent();
}
