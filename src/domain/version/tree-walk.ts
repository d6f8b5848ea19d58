import type { Oid } from '../../git/oid.ts';
import { compareTreeEntries, FOLDER_MODE, type TreeEntry } from '../../git/tree.ts';
import type { ReadTree } from '../../git/tree-edit.ts';

/** An entry of a tree under its path from the root of the repository. */
export interface WalkedEntry extends TreeEntry {
  readonly path: string;
}

/** A submodule: the commit it names is in another repository, so there is nothing to list or to download. */
export const SUBMODULE_MODE = '160000';

/** The tree that `path` leads to from a root, or the entry of a file; null when there is nothing. '' is the root itself. */
export async function findPath(readTree: ReadTree, rootOid: Oid, path: string): Promise<WalkedEntry | null> {
  let found: WalkedEntry = { name: '', mode: FOLDER_MODE, oid: rootOid, path };
  if (path === '') return found;
  for (const name of path.split('/')) {
    if (found.mode !== FOLDER_MODE) return null;
    const entry = findName(await readTree(found.oid), name);
    if (!entry || entry.mode === SUBMODULE_MODE) return null;
    found = { ...entry, path };
  }
  return found;
}

/** Reads each tree once, however many walks of one request want it at the same time. */
export function sharingReads(readTree: ReadTree): ReadTree {
  const reads = new Map<Oid, ReturnType<ReadTree>>();
  return (oid) => {
    const read = reads.get(oid) ?? readTree(oid);
    reads.set(oid, read);
    return read;
  };
}

/** Binary search in a tree. A folder sorts as if its name ended in `/`, so each kind has its own place. */
function findName(entries: readonly TreeEntry[], name: string): TreeEntry | null {
  return search(entries, { name, mode: '100644' }) ?? search(entries, { name, mode: FOLDER_MODE });
}

function search(entries: readonly TreeEntry[], wanted: Omit<TreeEntry, 'oid'>): TreeEntry | null {
  let low = 0;
  let high = entries.length - 1;
  while (low <= high) {
    const middle = (low + high) >>> 1;
    const entry = entries[middle]!;
    const order = compareTreeEntries(entry, wanted);
    if (order === 0) return entry;
    if (order < 0) low = middle + 1;
    else high = middle - 1;
  }
  return null;
}

export interface WalkOptions {
  readonly isRecursive: boolean;
  /** Path of the last entry that was listed, below the folder; null starts at the beginning. */
  readonly after: string | null;
  readonly limit: number;
}

/** The cursor names an entry that the folder does not hold. */
export class UnknownPosition extends Error {}

interface Frame {
  /** Path of the folder with a slash at its end; '' for the root. */
  readonly prefix: string;
  readonly entries: readonly TreeEntry[];
  next: number;
}

/**
 * Lists a folder in listing order: in every folder first its folders, then its files, both in Git's order; with `isRecursive`
 * the contents of a folder follow it at once. A walk reads the trees on the way to `after` and those that it lists, no others.
 *
 * @throws {UnknownPosition} when `after` is not in this folder.
 */
export async function walkFolder(
  readTree: ReadTree,
  folder: WalkedEntry,
  { isRecursive, after, limit }: WalkOptions,
): Promise<readonly WalkedEntry[]> {
  const reader = new LookAheadReader(readTree);
  const frames = await openFrames(reader, folder, { isRecursive, after });
  const listed: WalkedEntry[] = [];
  while (listed.length < limit && frames.length > 0) {
    const frame = frames.at(-1)!;
    const entry = frame.entries[frame.next++];
    if (!entry) {
      frames.pop();
      continue;
    }
    const path = frame.prefix + entry.name;
    listed.push({ ...entry, path });
    const wanted = limit - listed.length;
    if (isRecursive && entry.mode === FOLDER_MODE && wanted > 0) {
      const entries = await reader.read(entry.oid, {
        siblings: frame.entries,
        from: frame.next,
        atMost: wanted,
      });
      frames.push(openFrame(path, entries));
    }
  }
  return listed;
}

/** The folders that are open right after `after` was listed, outermost first. */
async function openFrames(
  reader: LookAheadReader,
  folder: WalkedEntry,
  { isRecursive, after }: Omit<WalkOptions, 'limit'>,
): Promise<Frame[]> {
  const frames = [openFrame(folder.path, await reader.read(folder.oid))];
  if (after === null) return frames;
  const prefix = frames[0]!.prefix;
  if (!after.startsWith(prefix)) throw new UnknownPosition(after);
  const names = after.slice(prefix.length).split('/');
  if (names.length > 1 && !isRecursive) throw new UnknownPosition(after);
  for (const [depth, name] of names.entries()) {
    const frame = frames.at(-1)!;
    const entry = stepPast(frame, name);
    const isLast = depth === names.length - 1;
    if (entry.mode !== FOLDER_MODE) {
      if (!isLast) throw new UnknownPosition(after);
    } else if (isRecursive) {
      frames.push(openFrame(frame.prefix + name, await reader.read(entry.oid)));
    }
  }
  return frames;
}

function stepPast(frame: Frame, name: string): TreeEntry {
  const index = frame.entries.findIndex((entry) => entry.name === name);
  if (index < 0) throw new UnknownPosition(frame.prefix + name);
  frame.next = index + 1;
  return frame.entries[index]!;
}

function openFrame(path: string, entries: readonly TreeEntry[]): Frame {
  return { prefix: path === '' ? '' : `${path}/`, entries: inListingOrder(entries), next: 0 };
}

function inListingOrder(entries: readonly TreeEntry[]): readonly TreeEntry[] {
  const folders = entries.filter((entry) => entry.mode === FOLDER_MODE);
  const files = entries.filter((entry) => entry.mode !== FOLDER_MODE && entry.mode !== SUBMODULE_MODE);
  return [...folders, ...files];
}

const LOOK_AHEAD_GROWTH = 4;
const MAX_LOOK_AHEAD = 32;

interface Upcoming {
  readonly siblings: readonly TreeEntry[];
  readonly from: number;
  /** Each folder fills at least one place of the page, so looking further is of no use. */
  readonly atMost: number;
}

/**
 * Reads folders one after the other, and more and more of the next ones together with each: a page that spans a few large
 * folders reads only those, one that spans hundreds of tiny ones still needs only a few statements.
 */
class LookAheadReader {
  readonly #readTree: ReadTree;
  readonly #ready = new Map<Oid, readonly TreeEntry[]>();
  #window = 1;

  constructor(readTree: ReadTree) {
    this.#readTree = readTree;
  }

  async read(oid: Oid, upcoming?: Upcoming): Promise<readonly TreeEntry[]> {
    const ready = this.#ready.get(oid);
    if (ready) return ready;
    const oids = new Set([oid, ...(upcoming ? this.nextFolders(upcoming) : [])]);
    this.#ready.clear();
    await Promise.all([...oids].map(async (oid) => this.#ready.set(oid, await this.#readTree(oid))));
    return this.#ready.get(oid)!;
  }

  private nextFolders({ siblings, from, atMost }: Upcoming): readonly Oid[] {
    const count = Math.min(this.#window, atMost) - 1;
    this.#window = Math.min(this.#window * LOOK_AHEAD_GROWTH, MAX_LOOK_AHEAD);
    return siblings
      .slice(from, from + count)
      .filter((entry) => entry.mode === FOLDER_MODE)
      .map((entry) => entry.oid);
  }
}
