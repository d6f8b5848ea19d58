import type { Oid } from '../../git/oid.ts';
import type { ReadTree } from '../../git/tree-edit.ts';
import type { CommitNode, ReadCommit } from './history-walk.ts';
import { findPath } from './tree-walk.ts';

/** Steps of one search for last changes; each step compares the trees of two commits. */
export interface StepBudget {
  left: number;
}

export interface Repository {
  readonly readCommit: ReadCommit;
  readonly readTree: ReadTree;
}

/**
 * The commit that gave a path its present content, as `git log -1` finds it: from the head on, as long as some parent has the same
 * there, go to that parent. Null when the budget is used up.
 */
export async function findLastChange(
  { readCommit, readTree }: Repository,
  { headOid, path }: { readonly headOid: Oid; readonly path: string },
  budget: StepBudget,
): Promise<Oid | null> {
  let commit = await readCommit(headOid);
  while (commit) {
    const content = await findPath(readTree, commit.treeOid, path);
    let same: CommitNode | null = null;
    for (const oid of commit.parents) {
      if (budget.left-- <= 0) return null;
      const parent = await readCommit(oid);
      if (!parent) continue;
      const before = await findPath(readTree, parent.treeOid, path);
      if (before?.oid !== content?.oid || before?.mode !== content?.mode) continue;
      same = parent;
      break;
    }
    if (!same) return commit.oid;
    commit = same;
  }
  return null;
}
