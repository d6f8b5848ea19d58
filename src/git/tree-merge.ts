import { hashObject } from './object.ts';
import { EMPTY_TREE_OID, type Oid } from './oid.ts';
import { type PathState, type ReadTree, TooManyEntries } from './tree-edit.ts';
import { encodeTree, FOLDER_MODE, type TreeEntry } from './tree.ts';

/** Three root trees. `base` is what both others came from; null is nothing. */
export interface MergeTrees {
  readonly base: Oid | null;
  readonly ours: Oid;
  readonly theirs: Oid | null;
}

export interface MergeOptions {
  /** Whose version of a file is taken where both changed it; `none` reports it. */
  readonly favor: 'none' | 'ours' | 'theirs';
  /** As in `TreeEditInput`. */
  readonly maxEntriesPerTree?: number;
}

export interface MergedTree {
  readonly rootOid: Oid;
  /** Trees that no side has, folders before what contains them. */
  readonly newTrees: readonly { readonly oid: Oid; readonly bytes: Buffer }[];
  /** Paths that both sides changed in different ways. With any, the tree is of no use. */
  readonly conflicts: readonly string[];
}

const DEFAULT_MAX_ENTRIES_PER_TREE = 10_000;

/**
 * Merges whole files: where one side has what the base has, the other side's version is taken. Contents are not looked into, so a file
 * that both sides changed is a conflict, unless they changed it to the same, or one its content and the other one its mode.
 * Reads only folders that both sides changed.
 *
 * @throws {TooManyEntries} when a folder would grow over the limit.
 */
export async function mergeTrees(
  readTree: ReadTree,
  { base, ours, theirs }: MergeTrees,
  options: MergeOptions,
): Promise<MergedTree> {
  const merger = new TreeMerger(readTree, options);
  const oid = await merger.mergeFolder({ base, ours, theirs }, '');
  if (oid === null) merger.newTrees.push({ oid: EMPTY_TREE_OID, bytes: Buffer.alloc(0) });
  return { rootOid: oid ?? EMPTY_TREE_OID, newTrees: merger.newTrees, conflicts: merger.conflicts };
}

interface Three<T> {
  readonly base: T | null;
  readonly ours: T | null;
  readonly theirs: T | null;
}

class TreeMerger {
  readonly newTrees: { oid: Oid; bytes: Buffer }[] = [];
  readonly conflicts: string[] = [];
  readonly #readTree: ReadTree;
  readonly #favor: MergeOptions['favor'];
  readonly #maxEntries: number;

  constructor(readTree: ReadTree, { favor, maxEntriesPerTree }: MergeOptions) {
    this.#readTree = readTree;
    this.#favor = favor;
    this.#maxEntries = maxEntriesPerTree ?? DEFAULT_MAX_ENTRIES_PER_TREE;
  }

  /** Null for a folder without entries. */
  async mergeFolder(oids: Three<Oid>, path: string): Promise<Oid | null> {
    const taken = pick(oids, (a, b) => a === b);
    if (taken) return taken.value === EMPTY_TREE_OID ? null : taken.value;
    const [base, ours, theirs] = await Promise.all([
      this.read(oids.base),
      this.read(oids.ours),
      this.read(oids.theirs),
    ]);
    const names = new Set([...ours.keys(), ...theirs.keys()]);
    const merged = await Promise.all(
      Array.from(names, async (name): Promise<TreeEntry[]> => {
        const entries = { base: base.get(name), ours: ours.get(name), theirs: theirs.get(name) };
        const state = await this.mergeEntry(
          mapThree(entries, (entry) => entry ?? null),
          joined(path, name),
        );
        return state ? [{ name, ...state }] : [];
      }),
    );
    return this.write(path, merged.flat(), ours.size);
  }

  private async mergeEntry(entries: Three<PathState>, path: string): Promise<PathState | null> {
    const taken = pick(entries, sameState);
    if (taken) return taken.value;
    const leaf = this.mergeLeaf(
      mapThree(entries, (entry) => (isFolder(entry) ? null : entry)),
      path,
    );
    const folderOid = await this.mergeFolder(
      mapThree(entries, (entry) => (isFolder(entry) ? entry!.oid : null)),
      path,
    );
    const folder: PathState | null = folderOid === null ? null : { mode: FOLDER_MODE, oid: folderOid };
    if (!leaf || !folder) return leaf ?? folder;
    // One side has a file where the other one has a folder.
    if (this.#favor === 'none') this.conflicts.push(path);
    return isFolder(this.#favor === 'theirs' ? entries.theirs : entries.ours) ? folder : leaf;
  }

  private mergeLeaf(states: Three<PathState>, path: string): PathState | null {
    const taken = pick(states, sameState) ?? pickParts(states);
    if (taken) return taken.value;
    if (this.#favor === 'none') this.conflicts.push(path);
    return this.#favor === 'theirs' ? states.theirs : states.ours;
  }

  private async read(oid: Oid | null): Promise<ReadonlyMap<string, TreeEntry>> {
    const entries = oid === null || oid === EMPTY_TREE_OID ? [] : await this.#readTree(oid);
    return new Map(entries.map((entry) => [entry.name, entry]));
  }

  private write(path: string, entries: readonly TreeEntry[], oursCount: number): Oid | null {
    if (entries.length === 0) return null;
    if (entries.length > this.#maxEntries && entries.length > oursCount) {
      throw new TooManyEntries(path, entries.length, this.#maxEntries);
    }
    const bytes = encodeTree(entries);
    const oid = hashObject('tree', bytes);
    this.newTrees.push({ oid, bytes });
    return oid;
  }
}

/** The rule of every three-way merge; null where both sides changed, each in its way. */
function pick<T>(
  { base, ours, theirs }: Three<T>,
  isSame: (a: T | null, b: T | null) => boolean,
): { readonly value: T | null } | null {
  if (isSame(ours, theirs) || isSame(base, theirs)) return { value: ours };
  return isSame(base, ours) ? { value: theirs } : null;
}

/** A file whose content one side changed and whose mode the other one. */
function pickParts(states: Three<PathState>): { readonly value: PathState } | null {
  const all = [states.base, states.ours, states.theirs];
  if (!all.every((state) => state?.mode.startsWith('100'))) return null;
  const mode = pick(
    mapThree(states, (state) => state!.mode),
    (a, b) => a === b,
  );
  const oid = pick(
    mapThree(states, (state) => state!.oid),
    (a, b) => a === b,
  );
  return mode?.value && oid?.value ? { value: { mode: mode.value, oid: oid.value } } : null;
}

function mapThree<From, To>(
  three: { readonly base: From; readonly ours: From; readonly theirs: From },
  map: (value: From) => To | null,
): Three<To> {
  return { base: map(three.base), ours: map(three.ours), theirs: map(three.theirs) };
}

function joined(path: string, name: string): string {
  return path === '' ? name : `${path}/${name}`;
}

function isFolder(state: PathState | null): boolean {
  return state?.mode === FOLDER_MODE;
}

function sameState(a: PathState | null, b: PathState | null): boolean {
  return a?.oid === b?.oid && a?.mode === b?.mode;
}
