import type { Oid } from '../../git/oid.ts';

/** What a walk through history needs to know about a commit. */
export interface CommitNode {
  readonly oid: Oid;
  readonly treeOid: Oid;
  readonly parents: readonly Oid[];
  /** One more than the largest of the parents; 1 for a root. */
  readonly generation: number;
  readonly committedAt: Date;
}

/** Reads one commit; null when the store has no such commit. */
export type ReadCommit = (oid: Oid) => Promise<CommitNode | null>;

/** A place in the history of a commit: the walk from `start`, without its first `skip` commits. */
export interface HistoryPosition {
  readonly start: Oid;
  readonly skip: number;
}

export interface HistoryPage {
  readonly commits: readonly CommitNode[];
  /** Null at the end of history. */
  readonly next: HistoryPosition | null;
}

/**
 * Lists commits as `git log` does: of all commits that are known to be in the history, the newest by committer date comes next
 * (the one of the higher generation among equals), then its parents become known.
 *
 * A page can go on from any commit that is alone in the queue and that no listed commit can descend to, because then nothing
 * listed can come again. In linear history that is every commit, so pages cost the same wherever they lie; among branches
 * the walk is repeated from the last such commit.
 */
export async function walkHistory(
  readCommit: ReadCommit,
  { start, skip }: HistoryPosition,
  limit: number,
): Promise<HistoryPage> {
  const queue = new CommitQueue();
  const commits: CommitNode[] = [];
  let resume: HistoryPosition = { start, skip: 0 };
  let lowestListed = Infinity;
  await queue.add(readCommit, start);
  for (let listed = 0; listed < skip + limit; listed++) {
    const commit = queue.take();
    if (!commit) break;
    if (listed >= skip) commits.push(commit);
    lowestListed = Math.min(lowestListed, commit.generation);
    for (const parent of commit.parents) await queue.add(readCommit, parent);
    const only = queue.only();
    // An ancestor always has a lower generation.
    const isSettled = only !== null && lowestListed >= only.generation;
    resume = isSettled ? { start: only.oid, skip: 0 } : { start: resume.start, skip: resume.skip + 1 };
    if (isSettled) lowestListed = Infinity;
  }
  return { commits, next: queue.isEmpty() ? null : resume };
}

/** Known commits that were not listed yet, the next one last. */
class CommitQueue {
  readonly #waiting: CommitNode[] = [];
  readonly #known = new Set<Oid>();

  async add(readCommit: ReadCommit, oid: Oid): Promise<void> {
    if (this.#known.has(oid)) return;
    this.#known.add(oid);
    const commit = await readCommit(oid);
    if (commit) this.#waiting.splice(this.placeOf(commit), 0, commit);
  }

  take(): CommitNode | undefined {
    return this.#waiting.pop();
  }

  /** The commit that waits alone, if one does. */
  only(): CommitNode | null {
    return this.#waiting.length === 1 ? this.#waiting[0]! : null;
  }

  isEmpty(): boolean {
    return this.#waiting.length === 0;
  }

  private placeOf(commit: CommitNode): number {
    let low = 0;
    let high = this.#waiting.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (isListedBefore(this.#waiting[middle]!, commit)) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}

function isListedBefore(a: CommitNode, b: CommitNode): boolean {
  const newer = a.committedAt.getTime() - b.committedAt.getTime() || a.generation - b.generation;
  return newer === 0 ? a.oid < b.oid : newer > 0;
}

/** Answers many reads of neighbouring commits with few statements: each miss also reads nearest ancestors, more every time. */
export function readCommitsAhead(
  findAncestors: (oid: Oid, limit: number) => Promise<readonly CommitNode[]>,
  firstBatch: number,
): ReadCommit {
  const known = new Map<Oid, CommitNode>();
  let batch = firstBatch;
  return async (oid) => {
    const commit = known.get(oid);
    if (commit) return commit;
    for (const ancestor of await findAncestors(oid, batch)) known.set(ancestor.oid, ancestor);
    batch = Math.min(batch * BATCH_GROWTH, MAX_BATCH);
    return known.get(oid) ?? null;
  };
}

const BATCH_GROWTH = 4;
const MAX_BATCH = 2000;
