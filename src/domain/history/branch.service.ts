import { splitMessage } from '../../git/commit.ts';
import type { Oid } from '../../git/oid.ts';
import { diffTrees } from '../../git/tree-diff.ts';
import type { PathChange, ReadTree } from '../../git/tree-edit.ts';
import { type MergedTree, mergeTrees, type MergeOptions } from '../../git/tree-merge.ts';
import { quote } from '../../git/quote.ts';
import { type Actor, requireWriter } from '../actor.ts';
import type { Deps } from '../deps.ts';
import { BadRequest, Conflict, Forbidden } from '../errors.ts';
import type { RepoAccess } from '../repo/repo-access.ts';
import type { RepoAccessService } from '../repo/repo-access.service.ts';
import type { RepoIndexService } from '../repo/repo-index.service.ts';
import type { RepoRef } from '../repo/repo-ref.ts';
import { Service } from '../service.ts';
import { branchOf, checkCommitPrefix, checkTexts } from '../version/commit-rules.ts';
import type { CommitService, PermittedRef } from '../version/commit.service.ts';
import type { Head } from '../version/commit-plan.ts';
import { findAncestors, findCommits } from '../version/history.queries.ts';
import { readCommitsAhead } from '../version/history-walk.ts';
import { MAIN_REF } from '../version/ref-names.ts';
import type { RevisionService } from '../version/revision.service.ts';
import type { CommitInfo } from '../version/values.ts';
import {
  type BranchWrite,
  BranchWriter,
  type BranchWritten,
  readCommitHead,
  withNewTrees,
  type WriteView,
} from './branch-writer.ts';
import { findDivergence } from './divergence.ts';

interface WriteOptions {
  /** First line and the rest; null or empty takes a sentence that says what was done. */
  readonly message: string | null;
  /** 5 to 40 hex digits: refused when the branch is not there any more. */
  readonly expectedHead: string | null;
}

export interface RevertRequest extends WriteOptions {
  /** The commit that is taken back. */
  readonly revision: string;
  /** Which parent counts as the state before; 1 for all but merges. */
  readonly parentNumber: number;
  /** Makes a commit even if nothing changes. */
  readonly allowsEmpty: boolean;
}

export interface ResetRequest extends WriteOptions {
  readonly revision: string;
  /** Without it the default branch is left alone. */
  readonly isForced: boolean;
}

export interface MergeRequest extends WriteOptions {
  /** Any revision. */
  readonly source: string;
  readonly destination: string;
  readonly favor: MergeOptions['favor'];
  /** The new commit does not name the source as a parent. */
  readonly isSquashed: boolean;
}

const SHOWN_CONFLICTS = 10;
const MAX_CONFLICTS = 1000;
const MAX_BASES = 16;
const FIRST_COMMITS = 64;

/**
 * Changes of a branch as a whole. Each is one new commit on the branch: history stays, and whoever has the branch can follow. Only
 * `superSquash` begins a new history.
 */
export class BranchService extends Service {
  readonly #access: RepoAccessService;
  readonly #revisions: RevisionService;
  readonly #commits: CommitService;
  readonly #writer: BranchWriter;

  constructor(
    deps: Deps,
    services: {
      access: RepoAccessService;
      revisions: RevisionService;
      commits: CommitService;
      repoIndex: RepoIndexService;
    },
  ) {
    super(deps);
    this.#access = services.access;
    this.#revisions = services.revisions;
    this.#commits = services.commits;
    this.#writer = new BranchWriter(deps, services.repoIndex);
  }

  /**
   * Takes back what one commit changed, whole files at a time.
   * @throws {Conflict} with `details.conflicts` when later commits changed the same files.
   * @throws {BadRequest} when nothing would change. @throws {LfsObjectMissing} @throws {RevisionNotFound} @throws {StaleParent}
   */
  async revert(actor: Actor, repo: RepoRef, branch: string, request: RevertRequest): Promise<BranchWritten> {
    const permitted = await this.permit(actor, repo, branch);
    const { access } = permitted;
    const { commitOid } = await this.#revisions.resolve(access, request.revision);
    const commit = (await findCommits(this.deps.sql, access.storeId, [commitOid])).get(commitOid)!;
    const parentOid = parentToRevertTo(commit, request.parentNumber);
    const message = { title: `Revert "${commit.title}"`, body: `This reverts commit ${commitOid}.` };
    return this.write(permitted, { ...request, default: message }, async ({ tx, readTree, head }) => {
      const base = await readCommitHead(tx, access.storeId, commitOid);
      const before = parentOid && (await readCommitHead(tx, access.storeId, parentOid));
      const trees = { base: base.treeOid, ours: head.treeOid, theirs: before?.treeOid ?? null };
      const merged = await mergeTrees(readTree, trees, { favor: 'none' });
      refuseConflicts(merged.conflicts, `Later commits changed what ${commitOid.slice(0, 7)} changed`);
      if (merged.rootOid === head.treeOid && !request.allowsEmpty) {
        throw new BadRequest(`Reverting ${commitOid.slice(0, 7)} would change nothing on this branch.`);
      }
      return { ...merged, parents: [head] };
    });
  }

  /**
   * Makes the branch hold what a revision holds, by a new commit. Nothing happens when it does already.
   * @throws {BadRequest} for the default branch without `isForced`. Also all that `revert` throws, except conflicts.
   */
  async reset(actor: Actor, repo: RepoRef, branch: string, request: ResetRequest): Promise<BranchWritten> {
    const permitted = await this.permit(actor, repo, branch);
    const { access } = permitted;
    if (permitted.refName === MAIN_REF && !request.isForced) {
      throw new BadRequest('Resetting the default branch has to be forced.');
    }
    const { commitOid } = await this.#revisions.resolve(access, request.revision);
    const message = {
      title: `Reset to ${commitOid.slice(0, 7)}`,
      body: `The files are those of commit ${commitOid}.`,
    };
    return this.write(permitted, { ...request, default: message }, async ({ tx, head }) => {
      const target = await readCommitHead(tx, access.storeId, commitOid);
      if (target.treeOid === head.treeOid) return null;
      return { rootOid: target.treeOid, newTrees: [], parents: [head] };
    });
  }

  /**
   * Brings the changes of a revision into a branch, by a merge commit even where the branch could just move. Nothing happens when the
   * branch has them already.
   * @throws {Conflict} with `details.conflicts` when both changed the same files, and when they have no common history.
   * @throws {PayloadTooLarge} when they are too far apart. Also all that `revert` throws.
   */
  async merge(actor: Actor, repo: RepoRef, request: MergeRequest): Promise<BranchWritten> {
    const permitted = await this.permit(actor, repo, request.destination);
    const { commitOid } = await this.#revisions.resolve(permitted.access, request.source);
    const message = { title: `Merge ${quote(request.source)} into ${quote(request.destination)}`, body: '' };
    return this.write(permitted, { ...request, default: message }, (view) =>
      mergeInto(view, { storeId: permitted.access.storeId, sourceOid: commitOid, ...request }),
    );
  }

  /**
   * Makes the files of a branch, or of a pull request, the one commit of a new history. The old one is gone when garbage collection
   * comes, unless other refs have it.
   * @throws {RevisionNotFound} when it is neither a branch nor a pull request. @throws {StaleParent}
   */
  async superSquash(
    actor: Actor,
    repo: RepoRef,
    revision: string,
    request: WriteOptions,
  ): Promise<BranchWritten> {
    const permitted = await this.#commits.permitRef(actor, repo, revision);
    refuseDisabled(permitted.access);
    const message = { title: `Super-squash branch ${quote(revision)}`, body: '' };
    return this.write(permitted, { ...request, default: message }, async ({ head }) => ({
      rootOid: head.treeOid,
      newTrees: [],
      parents: [],
    }));
  }

  private async permit(actor: Actor, repo: RepoRef, branch: string): Promise<PermittedRef> {
    const access = await this.#access.require(actor, repo, 'write');
    refuseDisabled(access);
    return { access, user: requireWriter(actor), refName: branchOf(branch) };
  }

  private write(
    permitted: PermittedRef,
    {
      message,
      expectedHead,
      ...request
    }: WriteOptions & { readonly default: { title: string; body: string } },
    decide: BranchWrite['decide'],
  ): Promise<BranchWritten> {
    checkCommitPrefix(expectedHead, 'The expected head');
    const { title, body } = message?.trim() ? splitMessage(message) : request.default;
    const texts = checkTexts({ title, description: body });
    return this.#writer.write({ ...permitted, ...texts, expectedHead, decide });
  }
}

/** The tree and parents of a merge; for `BranchWrite.decide`. Null when the branch has the source already. Throws as `merge`. */
export async function mergeInto(
  { tx, readTree, head }: WriteView,
  merge: {
    readonly storeId: number;
    readonly sourceOid: Oid;
    readonly favor: MergeOptions['favor'];
    readonly isSquashed: boolean;
  },
) {
  const { storeId, favor } = merge;
  const source = await readCommitHead(tx, storeId, merge.sourceOid);
  const readCommit = readCommitsAhead(
    (oid, limit) => findAncestors(tx, storeId, { oid, limit }),
    FIRST_COMMITS,
  );
  const { mergeBases, ahead } = await findDivergence(readCommit, { base: head.oid, head: source.oid });
  if (ahead.length === 0) return null;
  if (mergeBases.length === 0) {
    throw new Conflict(
      'The two have no commit in common, so there is nothing to merge from. Copy the files instead.',
    );
  }
  const bases = mergeBases.slice(0, MAX_BASES).map((base) => base.treeOid);
  const merged = await mergeFromAll(readTree, { bases, ours: head.treeOid, theirs: source.treeOid }, favor);
  refuseConflicts(merged.conflicts, 'Both branches changed the same files');
  if (merge.isSquashed && merged.rootOid === head.treeOid) return null;
  const parents: readonly Head[] = merge.isSquashed ? [head] : [head, source];
  return { rootOid: merged.rootOid, newTrees: merged.newTrees, parents };
}

/**
 * Branches that were merged into each other may have several last common commits. What comes out then must be the same from
 * each of them, else it is a conflict; a side that is favoured decides it from the newest.
 */
async function mergeFromAll(
  readTree: ReadTree,
  { bases, ours, theirs }: { readonly bases: readonly Oid[]; readonly ours: Oid; readonly theirs: Oid },
  favor: MergeOptions['favor'],
): Promise<MergedTree> {
  const used = favor === 'none' ? bases : bases.slice(0, 1);
  const merges: MergedTree[] = [];
  for (const base of used) merges.push(await mergeTrees(readTree, { base, ours, theirs }, { favor }));
  const [first, ...others] = merges as [MergedTree, ...MergedTree[]];
  const conflicts = new Set(merges.flatMap((merge) => merge.conflicts));
  for (const other of conflicts.size === 0 ? others : []) {
    for (const { path } of await differences(readTree, first, other)) conflicts.add(path);
  }
  return { ...first, conflicts: [...conflicts] };
}

async function differences(readTree: ReadTree, a: MergedTree, b: MergedTree): Promise<readonly PathChange[]> {
  const trees = { before: a.rootOid, after: b.rootOid };
  const page = { position: null, limit: MAX_CONFLICTS };
  return diffTrees(withNewTrees(readTree, [...a.newTrees, ...b.newTrees]), trees, page);
}

function parentToRevertTo({ oid, parents }: CommitInfo, parentNumber: number): Oid | null {
  if (parents.length === 0 && parentNumber === 1) return null;
  const parent = parents[parentNumber - 1];
  if (parent) return parent;
  throw new BadRequest(
    `The commit ${oid.slice(0, 7)} has ${parents.length} parents; there is no parent ${parentNumber}.`,
  );
}

function refuseConflicts(conflicts: readonly string[], problem: string): void {
  if (conflicts.length === 0) return;
  const paths = conflicts.toSorted().slice(0, MAX_CONFLICTS);
  const shown = paths.slice(0, SHOWN_CONFLICTS).map((path) => quote(path));
  const more = conflicts.length - shown.length;
  const list = more > 0 ? `${shown.join(', ')} and ${more} more` : shown.join(', ');
  throw new Conflict(`${problem}: ${list}. Nothing was changed.`, { conflicts: paths });
}

function refuseDisabled(access: RepoAccess): void {
  // huggingface_hub knows this sentence (`DisabledRepoError`).
  if (access.isDisabled) throw new Forbidden('Access to this resource is disabled.');
}
