import type { Oid } from '../../git/oid.ts';
import { Turns } from '../../lib/turns.ts';
import { PayloadTooLarge } from '../errors.ts';
import { type CommitNode, type ReadCommit, walkHistory } from '../version/history-walk.ts';

/** How two commits lie to each other. */
export interface Divergence {
  /** Common ancestors that no other common ancestor descends from, newest first: those of `git merge-base --all`. */
  readonly mergeBases: readonly CommitNode[];
  /** Commits of the head that the base does not have, as `git log base..head` lists them. */
  readonly ahead: readonly Oid[];
  /** Commits of the base that the head does not have. */
  readonly behind: readonly Oid[];
}

/** Commits that are looked at before two revisions are called too far apart. */
const MAX_VISITED = 100_000;
/** Commits that are looked at without a pause. What was read already needs no turn of the event loop by itself. */
const COMMITS_AT_ONCE = 1000;

const OF_BASE = 1;
const OF_HEAD = 2;
const OF_BOTH = OF_BASE | OF_HEAD;
/** Below a merge base. */
const SETTLED = 4;

/**
 * Commits are looked at from the highest generation down. Every descendant of a commit has a higher one, so what is known of a
 * commit when its turn comes is final.
 *
 * @throws {PayloadTooLarge} when the commits are more than 100,000 commits apart.
 */
export async function findDivergence(
  readCommit: ReadCommit,
  { base, head }: { readonly base: Oid; readonly head: Oid },
): Promise<Divergence> {
  const turns = new Turns(COMMITS_AT_ONCE);
  const queue = new GenerationQueue(readCommit);
  await queue.mark(base, OF_BASE);
  await queue.mark(head, OF_HEAD);
  const mergeBases: CommitNode[] = [];
  const ahead = new Map<Oid, CommitNode>();
  const behind = new Map<Oid, CommitNode>();
  for (let visited = 0; queue.hasOpen; visited++) {
    if (visited >= MAX_VISITED) throw tooFarApart();
    await turns.before(1);
    const { commit, marks } = queue.take();
    if (marks === OF_BOTH) mergeBases.push(commit);
    else if (marks === OF_HEAD) ahead.set(commit.oid, commit);
    else if (marks === OF_BASE) behind.set(commit.oid, commit);
    const passedOn = marks === OF_BOTH ? marks | SETTLED : marks;
    for (const parent of commit.parents) await queue.mark(parent, passedOn);
  }
  return {
    mergeBases: mergeBases.toSorted(newestFirst),
    ahead: await inLogOrder(ahead, head),
    behind: await inLogOrder(behind, base),
  };
}

/** Whether `ancestor` is in the history of `oid`; every commit is in its own. @throws {PayloadTooLarge} as above. */
export async function isAncestor(readCommit: ReadCommit, ancestor: CommitNode, oid: Oid): Promise<boolean> {
  const waiting = [oid];
  const known = new Set(waiting);
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (next === ancestor.oid) return true;
    const commit = await readCommit(next);
    if (!commit || commit.generation <= ancestor.generation) continue;
    if (known.size >= MAX_VISITED) throw tooFarApart();
    for (const parent of commit.parents) {
      if (!known.has(parent)) waiting.push(parent);
      known.add(parent);
    }
  }
  return false;
}

interface Marked {
  readonly commit: CommitNode;
  marks: number;
}

/** Commits that wait for their turn, the highest generation last. */
class GenerationQueue {
  readonly #readCommit: ReadCommit;
  readonly #waiting: Marked[] = [];
  readonly #known = new Map<Oid, Marked>();
  #open = 0;

  constructor(readCommit: ReadCommit) {
    this.#readCommit = readCommit;
  }

  /** Whether some waiting commit may still belong to an answer. */
  get hasOpen(): boolean {
    return this.#open > 0;
  }

  async mark(oid: Oid, marks: number): Promise<void> {
    const known = this.#known.get(oid);
    if (known) {
      if (isOpen(known.marks) && !isOpen(known.marks | marks)) this.#open--;
      known.marks |= marks;
      return;
    }
    const commit = await this.#readCommit(oid);
    if (!commit) return;
    const added = { commit, marks };
    this.#known.set(oid, added);
    this.#waiting.splice(this.placeOf(commit), 0, added);
    if (isOpen(marks)) this.#open++;
  }

  take(): Marked {
    const next = this.#waiting.pop()!;
    if (isOpen(next.marks)) this.#open--;
    return next;
  }

  private placeOf({ generation }: CommitNode): number {
    let low = 0;
    let high = this.#waiting.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#waiting[middle]!.commit.generation < generation) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

function isOpen(marks: number): boolean {
  return (marks & SETTLED) === 0;
}

function newestFirst(a: CommitNode, b: CommitNode): number {
  const newer = b.committedAt.getTime() - a.committedAt.getTime() || b.generation - a.generation;
  return newer || (a.oid < b.oid ? -1 : 1);
}

async function inLogOrder(commits: ReadonlyMap<Oid, CommitNode>, start: Oid): Promise<readonly Oid[]> {
  const turns = new Turns(COMMITS_AT_ONCE);
  const readCommit: ReadCommit = async (oid) => {
    await turns.before(1);
    return commits.get(oid) ?? null;
  };
  const page = await walkHistory(readCommit, { start, skip: 0 }, commits.size);
  return page.commits.map((commit) => commit.oid);
}

function tooFarApart(): PayloadTooLarge {
  return new PayloadTooLarge(
    `The two revisions are more than ${MAX_VISITED} commits apart. Compare them in a clone.`,
  );
}
