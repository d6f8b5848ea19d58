import { type Commit, encodeCommit, formatMessage } from '../../git/commit.ts';
import { hashObject } from '../../git/object.ts';
import type { Oid } from '../../git/oid.ts';
import { changedEntries, type ChangedEntry } from '../../git/tree-changes.ts';
import { diffTrees } from '../../git/tree-diff.ts';
import type { PathChange, ReadTree } from '../../git/tree-edit.ts';
import { decodeTree } from '../../git/tree.ts';
import type { SqlTransaction } from '../../db/sql.ts';
import type { UserActor } from '../actor.ts';
import type { Deps } from '../deps.ts';
import { Conflict, PayloadTooLarge, RevisionNotFound, StaleParent } from '../errors.ts';
import type { RepoAccess } from '../repo/repo-access.ts';
import type { RepoIndexService } from '../repo/repo-index.service.ts';
import { readBlobFacts } from '../version/blob-facts.ts';
import { type Head, keptWhole, segmentOf } from '../version/commit-plan.ts';
import { PULL_REQUEST_REF, touchesIndex } from '../version/commit-rules.ts';
import {
  insertCommit,
  insertLfsHistory,
  insertPathChanges,
  type LfsHistoryRow,
  promiseIndexing,
  readCommitPosition,
  touchRepoHead,
} from '../version/commit.queries.ts';
import { insertSegment } from '../version/object.queries.ts';
import { insertCommitEvent } from '../version/pull-request.queries.ts';
import { MAIN_REF } from '../version/ref-names.ts';
import { lockRef, readRef, swapRef } from '../version/ref.queries.ts';
import { isInlineSize, SegmentWriter } from '../version/segment-writer.ts';
import type { NewObject, Segment } from '../version/segment.ts';
import { treeSource } from '../version/tree-source.ts';
import { holdCommittedObjects } from './committed-lfs.queries.ts';

/** What a ref should hold next. */
export interface NextTree {
  readonly rootOid: Oid;
  /** Trees that the store may not have, folders before what contains them. */
  readonly newTrees: readonly { readonly oid: Oid; readonly bytes: Buffer }[];
  /** First the one that the new commit follows. None makes it the beginning of a history. */
  readonly parents: readonly Head[];
}

/** What can be read in the transaction of a write. Nothing of it may go on another connection. */
export interface WriteView {
  readonly tx: SqlTransaction;
  readonly readTree: ReadTree;
  readonly head: Head;
}

export interface BranchWrite {
  readonly access: RepoAccess;
  readonly user: UserActor;
  /** An existing ref. */
  readonly refName: string;
  /** 5 to 40 hex digits: the write happens only if the ref is still there. */
  readonly expectedHead: string | null;
  readonly title: string;
  readonly description: string;
  /** Null leaves the ref as it is. Called under the lock of the ref, and again when large trees were stored meanwhile. */
  decide(view: WriteView): Promise<NextTree | null>;
  /** More for the same transaction, at its end. */
  published?(tx: SqlTransaction, commitOid: Oid): Promise<void>;
}

export interface BranchWritten {
  /** The head now. */
  readonly commitOid: Oid;
  /** False when there was nothing to do. */
  readonly isNew: boolean;
}

/** A commit that is about to be published on a certain head. */
interface Plan {
  readonly head: Head;
  readonly oid: Oid;
  readonly commit: Commit;
  readonly generation: number;
  readonly segment: Segment;
  /** What differs from the head. */
  readonly changes: readonly PathChange[];
  /** What the commit is recorded to have changed. */
  readonly recorded: readonly ChangedEntry[];
  readonly lfsFiles: readonly LfsHistoryRow[];
}

/** As many as a commit may change by API. */
const MAX_CHANGES = 1_000_000;
/** How often a write with large trees may find that the branch moved while it stored them. */
const MAX_LARGE_ATTEMPTS = 10;

/**
 * Writes commits whose content is in the repository already: reverts, merges and the like. As with commits by API, one transaction
 * publishes everything under the lock of the ref, and a moved ref is never overwritten.
 */
export class BranchWriter {
  readonly #deps: Deps;
  readonly #index: RepoIndexService;

  constructor(deps: Deps, index: RepoIndexService) {
    this.#deps = deps;
    this.#index = index;
  }

  /**
   * @throws {RevisionNotFound} when there is no such ref. @throws {StaleParent} @throws {PayloadTooLarge}
   * @throws {LfsObjectMissing} when bytes of a file that comes back are gone.
   */
  async write(write: BranchWrite): Promise<BranchWritten> {
    const writer = new SegmentWriter(this.#deps.sql, this.#deps.store, write.access.storeId);
    let prepared: Plan | null = null;
    for (let attempt = 0; attempt < MAX_LARGE_ATTEMPTS; attempt++) {
      const outcome = await this.#deps.sql.transaction((tx) => this.writeOn(tx, { write, writer, prepared }));
      if (!('tooLarge' in outcome)) {
        if (outcome.needsIndexing) await this.#index.index(write.access.id);
        return outcome;
      }
      // Trees of this size go to the object store, which must not happen inside a transaction.
      prepared = { ...outcome.tooLarge, segment: await writer.makeDurable(outcome.tooLarge.segment) };
    }
    throw new Conflict('Too many commits are made to this branch at the same time. Try again.');
  }

  private async writeOn(
    tx: SqlTransaction,
    { write, writer, prepared }: { write: BranchWrite; writer: SegmentWriter; prepared: Plan | null },
  ): Promise<(BranchWritten & { needsIndexing: boolean }) | { readonly tooLarge: Plan }> {
    const { storeId } = write.access;
    await lockRef(tx, storeId, write.refName);
    const head = await readHead(tx, write);
    const plan = await this.plan(tx, write, { head, prepared });
    if (!plan) return { commitOid: head.oid, isNew: false, needsIndexing: false };
    if (plan.segment.storageKey === null && !isInlineSize(plan.segment)) return { tooLarge: plan };
    await insertSegment(tx, storeId, plan.segment);
    await writer.settle(tx, [plan.segment]);
    const needsIndexing = await publish(tx, write, plan);
    await write.published?.(tx, plan.oid);
    return { commitOid: plan.oid, isNew: true, needsIndexing };
  }

  private async plan(
    tx: SqlTransaction,
    write: BranchWrite,
    { head, prepared }: { head: Head; prepared: Plan | null },
  ): Promise<Plan | null> {
    const { storeId } = write.access;
    const stored = treeSource(tx, this.#deps.versionCaches, storeId);
    const next = await write.decide({ tx, readTree: stored, head });
    if (!next) return null;
    // Decided anew all the same: what the commit takes over was not held meanwhile, and may be collected.
    if (prepared?.head.oid === head.oid && prepared.commit.tree === next.rootOid) return prepared;
    const readTree = withNewTrees(stored, next.newTrees);
    const changes = await allChanges(readTree, head.treeOid, next.rootOid);
    const [first, ...others] = next.parents;
    const ownChanges =
      first?.oid === head.oid ? changes : await allChanges(readTree, first?.treeOid ?? null, next.rootOid);
    const commit = this.commitOf(write, next);
    const bytes = encodeCommit(commit);
    const oid = hashObject('commit', bytes);
    const trees = next.newTrees.map((tree): NewObject => keptWhole(tree.oid, 'tree', tree.bytes));
    return {
      head,
      oid,
      commit,
      generation: 1 + Math.max(0, ...next.parents.map((parent) => parent.generation)),
      segment: segmentOf([...trees, keptWhole(oid, 'commit', bytes)]),
      changes,
      recorded: await recordedEntries({ readTree, rootOid: next.rootOid, ownChanges, others }),
      lfsFiles: await this.lfsFiles(tx, storeId, ownChanges),
    };
  }

  private commitOf({ user, title, description }: BranchWrite, { rootOid, parents }: NextTree): Commit {
    const host = new URL(this.#deps.config.baseUrl).hostname;
    // As in commits by API: the account's own address would become public with the history.
    const email = `${user.name}@users.noreply.${host}`;
    const signature = { name: user.name, email, at: new Date(), tzMinutes: 0 };
    return {
      tree: rootOid,
      parents: parents.map((parent) => parent.oid),
      author: signature,
      committer: signature,
      message: formatMessage(title, description),
    };
  }

  /** LFS files that the commit brings, as its history. */
  private async lfsFiles(
    tx: SqlTransaction,
    storeId: number,
    changes: readonly PathChange[],
  ): Promise<readonly LfsHistoryRow[]> {
    const oids = new Set(changes.flatMap(({ after }) => after?.oid ?? []));
    const { versionCaches } = this.#deps;
    const facts = await readBlobFacts({ sql: tx, versionCaches }, storeId, oids);
    return changes.flatMap(({ path, after }) => {
      const lfs = after && facts.get(after.oid)?.lfs;
      return lfs ? [{ path, sha256: lfs.sha256, sizeBytes: lfs.sizeBytes }] : [];
    });
  }
}

async function readHead(tx: SqlTransaction, { access, refName, expectedHead }: BranchWrite): Promise<Head> {
  const oid = await readRef(tx, access.storeId, refName);
  if (oid === null) throw new RevisionNotFound(refName);
  if (expectedHead !== null && !oid.startsWith(expectedHead.toLowerCase())) throw new StaleParent();
  return readCommitHead(tx, access.storeId, oid);
}

/** A commit to build on or to merge. Call it under the lock of the store: what it finds, stays. @throws {RevisionNotFound} */
export async function readCommitHead(tx: SqlTransaction, storeId: number, oid: Oid): Promise<Head> {
  const position = await readCommitPosition(tx, storeId, oid);
  if (!position) throw new RevisionNotFound(oid);
  return { oid, ...position };
}

/** @returns whether the repository is to be indexed again. */
async function publish(tx: SqlTransaction, write: BranchWrite, plan: Plan): Promise<boolean> {
  const { access, user, refName } = write;
  const { storeId } = access;
  const { oid, commit, generation } = plan;
  await insertCommit(tx, { storeId, oid, commit, generation, userId: user.id });
  await insertPathChanges(tx, { storeId, generation, commitOid: oid }, plan.recorded);
  const changed = new Set(plan.changes.map((change) => change.path));
  await holdCommittedObjects(
    tx,
    access.id,
    plan.lfsFiles.filter((file) => changed.has(file.path)),
  );
  await insertLfsHistory(tx, { repoId: access.id, commitOid: oid }, plan.lfsFiles.filter(isStorable));
  const update = {
    storeId,
    refName,
    oldOid: plan.head.oid,
    newOid: oid,
    userId: user.id,
    via: 'api' as const,
  };
  // The lock is for fairness, the swap for safety: it also sees writers that know no lock.
  if (!(await swapRef(tx, update))) throw new StaleParent();
  const number = Number(PULL_REQUEST_REF.exec(refName)?.[1] ?? 0);
  const event = { repoId: access.id, number, authorId: user.id };
  if (number > 0) await insertCommitEvent(tx, event, { oid, subject: write.title });
  if (refName !== MAIN_REF) return false;
  await touchRepoHead(tx, access.id, oid);
  const needsIndexing = touchesIndex(changedEntries(plan.changes));
  if (needsIndexing) await promiseIndexing(tx, access.id);
  return needsIndexing;
}

/** Reads trees that are about to be stored, and those that are. */
export function withNewTrees(stored: ReadTree, newTrees: NextTree['newTrees']): ReadTree {
  const added = new Map(newTrees.map(({ oid, bytes }) => [oid, bytes]));
  return async (oid) => {
    const bytes = added.get(oid);
    return bytes ? decodeTree(bytes) : stored(oid);
  };
}

async function allChanges(readTree: ReadTree, before: Oid | null, after: Oid): Promise<PathChange[]> {
  const page = { position: null, limit: MAX_CHANGES + 1 };
  const changes = await diffTrees(readTree, { before, after }, page);
  if (changes.length <= MAX_CHANGES) return changes;
  throw new PayloadTooLarge(`More than ${MAX_CHANGES} files would change. Do it in several steps.`);
}

/** A merge changed what differs from all its parents; the rest is on record with the commits it came from. */
async function recordedEntries(input: {
  readonly readTree: ReadTree;
  readonly rootOid: Oid;
  readonly ownChanges: readonly PathChange[];
  readonly others: readonly Head[];
}): Promise<readonly ChangedEntry[]> {
  let entries = changedEntries(input.ownChanges.filter(isStorable));
  for (const { treeOid } of input.others) {
    const others = changedEntries(await allChanges(input.readTree, treeOid, input.rootOid));
    const known = new Set(others.map(({ dir, name }) => `${dir}/${name}`));
    entries = entries.filter(({ dir, name }) => known.has(`${dir}/${name}`));
  }
  return entries;
}

/** Names that are not UTF-8 cannot be text in the database; their last commits are found in the trees. */
function isStorable({ path }: { readonly path: string }): boolean {
  return path.isWellFormed();
}
