import type { BranchWritten } from '../../../src/domain/history/branch-writer.ts';
import type { RefInfo } from '../../../src/domain/version/values.ts';

/** A branch or tag. */
export function refDto({ name, refName, commitOid }: RefInfo) {
  return { name, refName, commitOid: commitOid as string };
}

/** What a change of a branch as a whole leads to. */
export function branchWrittenDto({ commitOid, isNew }: BranchWritten) {
  return { commitOid: commitOid as string, isNew };
}
