import { Turns } from '../lib/turns.ts';
import type { Oid } from './oid.ts';
import { EMPTY_TREE_OID } from './oid.ts';
import type { PathChange, ReadTree } from './tree-edit.ts';
import { compareTreeEntries, FOLDER_MODE, type TreeEntry } from './tree.ts';

/** Two root trees; null is nothing at all. */
export interface TreePair {
  readonly before: Oid | null;
  readonly after: Oid | null;
}

export interface TreeDiffPage {
  /** Path of the last change of the page before; null starts at the beginning. */
  readonly position: string | null;
  readonly limit: number;
}

/**
 * The files whose content or mode differs, in byte order of their paths, as `git diff-tree -r --no-renames` lists them. Only folders that
 * differ are read. A file that became a folder is one deletion and the additions below it.
 */
export async function diffTrees(
  readTree: ReadTree,
  trees: TreePair,
  { position, limit }: TreeDiffPage,
): Promise<PathChange[]> {
  const walk = new DiffWalk(readTree);
  await walk.open('', trees);
  if (position !== null) await walk.skipTo(position.split('/'));
  const changes: PathChange[] = [];
  while (changes.length < limit) {
    const change = await walk.next();
    if (!change) break;
    changes.push(change);
  }
  return changes;
}

/** What both folders hold under one name and kind. */
interface EntryPair {
  readonly name: string;
  readonly isFolder: boolean;
  readonly before: TreeEntry | null;
  readonly after: TreeEntry | null;
}

/** The entries of one folder, which one side may not have. */
interface Sides {
  readonly before: readonly TreeEntry[];
  readonly after: readonly TreeEntry[];
}

interface Frame {
  readonly prefix: string;
  readonly pairs: readonly EntryPair[];
  next: number;
  /** Folders of this one that were read already. */
  readonly ahead: Map<EntryPair, readonly EntryPair[]>;
}

class DiffWalk {
  readonly #readTree: ReadTree;
  readonly #frames: Frame[] = [];
  readonly #turns = new Turns(ENTRIES_AT_ONCE);
  #window = 1;

  constructor(readTree: ReadTree) {
    this.#readTree = readTree;
  }

  async open(prefix: string, trees: TreePair): Promise<void> {
    this.#frames.push(openFrame(prefix, await this.pairsOf(await this.readBoth(trees))));
  }

  /** Goes to behind a path, which was listed before. */
  async skipTo(names: readonly string[]): Promise<void> {
    for (const [depth, name] of names.entries()) {
      const frame = this.#frames.at(-1)!;
      const isLast = depth === names.length - 1;
      const here: Omit<TreeEntry, 'oid'> = { name, mode: isLast ? '100644' : FOLDER_MODE };
      frame.next = frame.pairs.findIndex((pair) => compareTreeEntries(keyOf(pair), here) >= 0);
      if (frame.next < 0) frame.next = frame.pairs.length;
      const pair = frame.pairs[frame.next];
      if (!pair || compareTreeEntries(keyOf(pair), here) > 0) return;
      frame.next++;
      if (isLast) return;
      await this.enter(frame, pair);
    }
  }

  async next(): Promise<PathChange | null> {
    for (let frame = this.#frames.at(-1); frame; frame = this.#frames.at(-1)) {
      const pair = frame.pairs[frame.next++];
      if (!pair) {
        this.#frames.pop();
      } else if (pair.isFolder) {
        await this.enter(frame, pair);
      } else {
        return {
          path: frame.prefix + pair.name,
          before: pair.before && stateOf(pair.before),
          after: pair.after && stateOf(pair.after),
        };
      }
    }
    return null;
  }

  private async enter(frame: Frame, pair: EntryPair): Promise<void> {
    if (!frame.ahead.has(pair)) await this.readAhead(frame, pair);
    const pairs = frame.ahead.get(pair)!;
    frame.ahead.delete(pair);
    this.#frames.push(openFrame(`${frame.prefix}${pair.name}/`, pairs));
  }

  /** Reads a folder, and more and more of the next ones together with it, so that many small folders need few statements. */
  private async readAhead(frame: Frame, pair: EntryPair): Promise<void> {
    const upcoming = frame.pairs.slice(frame.next, frame.next + this.#window - 1);
    const folders = [pair, ...upcoming.filter((next) => next.isFolder)];
    let entries = 0;
    const read = await Promise.all(
      folders.map(({ before, after }) =>
        this.readBoth({ before: before?.oid ?? null, after: after?.oid ?? null }),
      ),
    );
    for (const [i, sides] of read.entries()) {
      frame.ahead.set(folders[i]!, await this.pairsOf(sides));
      entries += sides.before.length + sides.after.length;
    }
    const fitting = Math.ceil((ENTRIES_AT_ONCE * folders.length) / (entries + 1));
    this.#window = Math.min(this.#window * WINDOW_GROWTH, MAX_WINDOW, fitting);
  }

  private async readBoth({ before, after }: TreePair): Promise<Sides> {
    if (before === after) return { before: [], after: [] };
    const [left, right] = await Promise.all([this.read(before), this.read(after)]);
    return { before: left, after: right };
  }

  private async pairsOf({ before, after }: Sides): Promise<readonly EntryPair[]> {
    await this.#turns.before(1 + before.length + after.length);
    return differingPairs(before, after);
  }

  private async read(oid: Oid | null): Promise<readonly TreeEntry[]> {
    return oid === null || oid === EMPTY_TREE_OID ? [] : this.#readTree(oid);
  }
}

const WINDOW_GROWTH = 4;
/** Two sides of each, which may have some megabytes. */
const MAX_WINDOW = 16;
/** Entries that are looked at in one go: some ten milliseconds for everybody else. */
const ENTRIES_AT_ONCE = 20_000;

function openFrame(prefix: string, pairs: readonly EntryPair[]): Frame {
  return { prefix, pairs, next: 0, ahead: new Map() };
}

/** Both lists are in Git's order. */
function differingPairs(left: readonly TreeEntry[], right: readonly TreeEntry[]): EntryPair[] {
  const pairs: EntryPair[] = [];
  let [l, r] = [0, 0];
  while (l < left.length || r < right.length) {
    const [before, after] = [left[l], right[r]];
    const order = !before ? 1 : !after ? -1 : compareTreeEntries(before, after);
    if (order <= 0) l++;
    if (order >= 0) r++;
    const pair = { before: order <= 0 ? before! : null, after: order >= 0 ? after! : null };
    if (pair.before?.oid === pair.after?.oid && pair.before?.mode === pair.after?.mode) continue;
    const { name, mode } = (pair.before ?? pair.after)!;
    pairs.push({ ...pair, name, isFolder: mode === FOLDER_MODE });
  }
  return pairs;
}

function keyOf({ before, after }: EntryPair): TreeEntry {
  return (before ?? after)!;
}

function stateOf({ mode, oid }: TreeEntry): Pick<TreeEntry, 'mode' | 'oid'> {
  return { mode, oid };
}
