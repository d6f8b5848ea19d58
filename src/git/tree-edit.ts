import { BadRequest, DomainError } from '../lib/domain-error.ts';
import { hashObject } from './object.ts';
import { EMPTY_TREE_OID } from './oid.ts';
import type { Oid } from './oid.ts';
import { quote } from './quote.ts';
import { encodeTree, FOLDER_MODE } from './tree.ts';
import type { TreeEntry } from './tree.ts';
import { planEdits } from './tree-plan.ts';
import type { EditNode, PathState, TreeEdit } from './tree-plan.ts';

export type { LeafMode, PathState, TreeEdit } from './tree-plan.ts';

/**
 * One changed path; no path comes twice. A deleted folder is a single change whose `before.mode` is `FOLDER_MODE` (see
 * `expandDeletedFolders`); what the same edits put into it follows as added files.
 */
export interface PathChange {
  readonly path: string;
  readonly before: PathState | null;
  readonly after: PathState | null;
}

export interface EditedTree {
  readonly rootOid: Oid;
  /** Every tree that differs from the old one, folders before what contains them. */
  readonly newTrees: readonly { readonly oid: Oid; readonly bytes: Buffer }[];
  readonly changes: readonly PathChange[];
}

/** Reads one tree. All reads of one level start together, so a batching loader can answer them with one query. */
export type ReadTree = (oid: Oid) => Promise<readonly TreeEntry[]>;

export interface TreeEditInput {
  readonly readTree: ReadTree;
  /** The tree to start from; null for none. */
  readonly rootOid: Oid | null;
  readonly edits: readonly TreeEdit[];
  /** A folder over this limit may shrink or stay as it is, but not grow. Default 10,000, as on the Hugging Face Hub. */
  readonly maxEntriesPerTree?: number;
  /** Whether `delete` may also delete a folder, as `deletedFile` does on the Hugging Face Hub. Default false. */
  readonly deleteMayNameFolder?: boolean;
}

const DEFAULT_MAX_ENTRIES_PER_TREE = 10_000;

/** A file and a folder want the same path. */
export class TreeConflict extends BadRequest {
  readonly path: string;

  constructor(path: string, problem: string) {
    super(`Cannot write ${quote(path)}: ${problem}.`, { path });
    this.path = path;
  }
}

/** A deletion names a path that is not there. */
export class EntryMissing extends DomainError {
  readonly code = 'EntryNotFound';
  readonly path: string;

  constructor(path: string, kind: 'file' | 'folder') {
    // huggingface_hub looks for these words and adds a hint.
    super(`A ${kind} with this name doesn't exist: ${quote(path)}. Nothing was deleted.`, { path });
    this.path = path;
  }
}

/** A folder would hold more entries than allowed. */
export class TooManyEntries extends BadRequest {
  readonly path: string;

  constructor(path: string, count: number, limit: number) {
    const folder = path === '' ? 'The root folder' : `The folder ${quote(path)}`;
    super(`${folder} would hold ${count} entries; at most ${limit} are allowed. Use subfolders.`, { path });
    this.path = path;
  }
}

/**
 * Applies edits to a tree. Reads each touched folder once and no other. Folders that become empty vanish.
 *
 * @throws {TreeConflict} @throws {EntryMissing} @throws {TooManyEntries}
 */
export async function editTree(input: TreeEditInput): Promise<EditedTree> {
  const editor = new TreeEditor(input);
  const base = input.rootOid;
  const edited = await editor.editFolder(planEdits(input.edits), base, '');
  const newTrees = edited.newTrees;
  if (edited.oid === null && base !== EMPTY_TREE_OID)
    newTrees.push({ oid: EMPTY_TREE_OID, bytes: Buffer.alloc(0) });
  return { rootOid: edited.oid ?? EMPTY_TREE_OID, newTrees, changes: edited.changes };
}

interface EditedFolder {
  /** Null for a folder without entries. */
  readonly oid: Oid | null;
  readonly newTrees: { oid: Oid; bytes: Buffer }[];
  readonly changes: PathChange[];
}

/** One entry of a folder that edits speak about. */
interface EditedEntry {
  readonly name: string;
  readonly path: string;
  readonly node: EditNode;
  readonly before: PathState | null;
  /** What deletions left of `before`. */
  readonly kept: PathState | null;
}

class TreeEditor {
  readonly #readTree: ReadTree;
  readonly #maxEntries: number;
  readonly #deleteMayNameFolder: boolean;

  constructor(input: TreeEditInput) {
    this.#readTree = input.readTree;
    this.#maxEntries = input.maxEntriesPerTree ?? DEFAULT_MAX_ENTRIES_PER_TREE;
    this.#deleteMayNameFolder = input.deleteMayNameFolder ?? false;
  }

  async editFolder(node: EditNode, baseOid: Oid | null, path: string): Promise<EditedFolder> {
    const base = baseOid === null || baseOid === EMPTY_TREE_OID ? [] : await this.#readTree(baseOid);
    const entries = new Map(base.map((entry) => [entry.name, entry]));
    const prefix = path === '' ? '' : `${path}/`;
    const edited = Array.from(node.children ?? [], ([name, child]): EditedEntry => {
      const before = stateOf(entries.get(name));
      const childPath = prefix + name;
      return {
        name,
        path: childPath,
        node: child,
        before,
        kept: this.#afterDeletions(child, childPath, before),
      };
    });
    const folders = await this.#editSubfolders(edited.filter((entry) => entry.node.children !== null));

    const result: Pick<EditedFolder, 'newTrees' | 'changes'> = { newTrees: [], changes: [] };
    for (const entry of edited)
      mergeEntry(entries, entry, folders.get(entry.name) ?? untouched(entry), result);
    if (result.changes.length === 0) return { oid: base.length === 0 ? null : baseOid, ...result };
    if (entries.size === 0) return { oid: null, ...result };
    if (entries.size > this.#maxEntries && entries.size > base.length) {
      throw new TooManyEntries(path, entries.size, this.#maxEntries);
    }
    const bytes = encodeTree(Array.from(entries.values()));
    const oid = hashObject('tree', bytes);
    result.newTrees.push({ oid, bytes });
    return { oid, ...result };
  }

  async #editSubfolders(entries: readonly EditedEntry[]): Promise<Map<string, EditedFolder>> {
    return new Map(
      await Promise.all(
        entries.map(async ({ name, node, kept, path }): Promise<[string, EditedFolder]> => [
          name,
          await this.editFolder(node, folderOid(kept), path),
        ]),
      ),
    );
  }

  /** What is left of the old entry, before anything is put. */
  #afterDeletions(node: EditNode, path: string, before: PathState | null): PathState | null {
    let kept = before;
    if (node.deleteFolder !== null) {
      if (isFolder(before)) kept = null;
      else if (node.deleteFolder === 'must exist') throw new EntryMissing(path, 'folder');
    }
    if (node.deleteFile !== null) {
      const isDeletable = before !== null && (!isFolder(before) || this.#deleteMayNameFolder);
      if (isDeletable) kept = null;
      else if (node.deleteFile === 'must exist') throw new EntryMissing(path, 'file');
    }
    return kept;
  }
}

function untouched({ kept }: EditedEntry): EditedFolder {
  return { oid: folderOid(kept), newTrees: [], changes: [] };
}

/** Puts one edited entry into its folder. An entry that ends as it began counts as untouched, whatever happened below it. */
function mergeEntry(
  entries: Map<string, TreeEntry>,
  entry: EditedEntry,
  folder: EditedFolder,
  result: Pick<EditedFolder, 'newTrees' | 'changes'>,
): void {
  const { name, path, before, kept } = entry;
  const after = stateAfter(entry, folder.oid);
  if (sameState(before, after)) return;
  if (after) entries.set(name, { name, ...after });
  else entries.delete(name);

  // A folder that lives on is not a change of its own; one that was deleted is, even if files were put into it again.
  const ownBefore = isFolder(kept) ? null : before;
  const ownAfter = isFolder(after) ? null : after;
  if (!sameState(ownBefore, ownAfter)) result.changes.push({ path, before: ownBefore, after: ownAfter });
  for (const change of folder.changes) result.changes.push(change);
  for (const tree of folder.newTrees) result.newTrees.push(tree);
}

function stateAfter({ node, path, kept }: EditedEntry, subfolderOid: Oid | null): PathState | null {
  if (subfolderOid === null) return node.put ?? (isFolder(kept) ? null : kept);
  if (node.put) throw new TreeConflict(path, 'a folder of that name exists; delete it in the same commit');
  if (kept && !isFolder(kept)) {
    throw new TreeConflict(
      path,
      'a file of that name exists where a folder is needed; delete it in the same commit',
    );
  }
  return { mode: FOLDER_MODE, oid: subfolderOid };
}

function stateOf(entry: TreeEntry | undefined): PathState | null {
  return entry ? { mode: entry.mode, oid: entry.oid } : null;
}

function folderOid(state: PathState | null): Oid | null {
  return isFolder(state) ? state.oid : null;
}

function isFolder(state: PathState | null): state is PathState {
  return state?.mode === FOLDER_MODE;
}

function sameState(a: PathState | null, b: PathState | null): boolean {
  return a?.oid === b?.oid && a?.mode === b?.mode;
}
