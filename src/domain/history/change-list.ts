import type { Oid } from '../../git/oid.ts';
import type { LeafMode, PathChange, ReadTree } from '../../git/tree-edit.ts';
import { diffTrees, type TreePair } from '../../git/tree-diff.ts';
import { FOLDER_MODE } from '../../git/tree.ts';
import type { BlobFacts } from '../version/blob.queries.ts';
import { invalidCursor } from '../version/read-cursor.ts';
import { findPath, SUBMODULE_MODE, type WalkedEntry } from '../version/tree-walk.ts';
import type { FileChange, FileState } from './values.ts';

export interface ChangePage {
  /** Only this file, or what is below this folder; '' is everything. */
  readonly path: string;
  /** Path of the last change of the page before; null starts at the beginning. */
  readonly position: string | null;
  readonly limit: number;
}

/** A change, before anything is known of the contents. */
export interface ListedChange extends PathChange {
  /** Where the file was, if it was renamed. */
  readonly oldPath?: string;
}

/** Renames are looked for among so many changed paths; in more, they are deletions and additions. */
const MAX_PATHS_FOR_RENAMES = 1000;

/** A page of what differs between two trees, in byte order of the paths. @throws {BadRequest} for a position of another list. */
export async function listChanges(
  readTree: ReadTree,
  trees: TreePair,
  { path, position, limit }: ChangePage,
): Promise<{ readonly changes: readonly ListedChange[]; readonly hasMore: boolean }> {
  const part = await narrow(readTree, trees, path);
  const probe = await diffPart(readTree, part, { position: null, limit: MAX_PATHS_FOR_RENAMES + 1 });
  const isComplete = probe.length <= MAX_PATHS_FOR_RENAMES;
  const rest = isComplete
    ? behind(withRenames(probe), position)
    : await diffPart(readTree, part, { position, limit: limit + 1 });
  return { changes: rest.slice(0, limit), hasMore: rest.length > limit };
}

function behind(changes: readonly ListedChange[], position: string | null): readonly ListedChange[] {
  if (position === null) return changes;
  const index = changes.findIndex((change) => change.path === position);
  if (index < 0) throw invalidCursor();
  return changes.slice(index + 1);
}

/** One part of both trees: what a path is, which may be a file on one side and a folder on the other. */
interface TreePart {
  readonly file: PathChange | null;
  readonly folder: TreePair;
  /** Path of the folder with a slash at its end; '' for the root. */
  readonly prefix: string;
}

async function narrow(readTree: ReadTree, trees: TreePair, path: string): Promise<TreePart> {
  if (path === '') return { file: null, folder: trees, prefix: '' };
  const find = async (oid: Oid | null) => (oid === null ? null : findPath(readTree, oid, path));
  const [before, after] = await Promise.all([find(trees.before), find(trees.after)]);
  const file: PathChange = { path, before: fileState(before), after: fileState(after) };
  const isChanged = file.before?.oid !== file.after?.oid || file.before?.mode !== file.after?.mode;
  return {
    file: isChanged ? file : null,
    folder: { before: folderOid(before), after: folderOid(after) },
    prefix: `${path}/`,
  };
}

async function diffPart(
  readTree: ReadTree,
  { file, folder, prefix }: TreePart,
  { position, limit }: { readonly position: string | null; readonly limit: number },
): Promise<PathChange[]> {
  const isPastFile = position !== null;
  const inFolder = position !== null && position.startsWith(prefix) ? position.slice(prefix.length) : null;
  const below = await diffTrees(readTree, folder, { position: inFolder, limit });
  const files = below.map(({ path, before, after }) => ({ path: prefix + path, before, after }));
  return file && !isPastFile ? [file, ...files].slice(0, limit) : files;
}

function fileState(entry: WalkedEntry | null): PathChange['before'] {
  return entry && entry.mode !== FOLDER_MODE ? { mode: entry.mode, oid: entry.oid } : null;
}

function folderOid(entry: WalkedEntry | null): Oid | null {
  return entry?.mode === FOLDER_MODE ? entry.oid : null;
}

/** The blob without content: two empty files have nothing to do with each other. */
const EMPTY_BLOB_OID = 'e69de29bb2d1d6434b8b29ae775ad8c2e48c5391';

/** Joins a deletion and an addition of the same content; one in a file of the same name, if there is any. */
function withRenames(changes: readonly PathChange[]): readonly ListedChange[] {
  const deleted = Map.groupBy(changes.filter(isDeleted), (change) => contentKey(change.before!));
  const origins = new Map<PathChange, PathChange>();
  for (const change of changes) {
    if (change.before || !change.after) continue;
    const candidates = deleted.get(contentKey(change.after)) ?? [];
    const origin = candidates.find(({ path }) => baseName(path) === baseName(change.path)) ?? candidates[0];
    if (!origin || change.after.oid === EMPTY_BLOB_OID) continue;
    candidates.splice(candidates.indexOf(origin), 1);
    origins.set(change, origin);
  }
  const gone = new Set(origins.values());
  const kept = changes.filter((change) => !gone.has(change));
  return kept.map((change): ListedChange => {
    const origin = origins.get(change);
    const { path, after } = change;
    return origin ? { path, after, before: origin.before, oldPath: origin.path } : change;
  });
}

function isDeleted({ before, after }: PathChange): boolean {
  return before !== null && after === null;
}

/** Same content and same kind of file; the execute bit may change with a rename. */
function contentKey({ mode, oid }: NonNullable<PathChange['before']>): string {
  return `${mode.slice(0, 3)} ${oid}`;
}

function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

/** Blobs that a list of changes names. */
export function blobsOf(changes: readonly PathChange[]): ReadonlySet<Oid> {
  const states = changes.flatMap(({ before, after }) => [before, after]);
  return new Set(states.flatMap((state) => (state && state.mode !== SUBMODULE_MODE ? [state.oid] : [])));
}

/** @param facts of all blobs that the change names. */
export function toFileChange(change: ListedChange, facts: ReadonlyMap<Oid, BlobFacts>): FileChange {
  const { path, oldPath = null } = change;
  const before = change.before && toFileState(change.before, facts);
  const after = change.after && toFileState(change.after, facts);
  return { kind: kindOf(change), path, oldPath, before, after };
}

function kindOf({ before, after, oldPath }: ListedChange): FileChange['kind'] {
  if (oldPath !== undefined) return 'renamed';
  if (!before) return 'added';
  return after ? 'modified' : 'deleted';
}

function toFileState(
  { mode, oid }: NonNullable<PathChange['before']>,
  facts: ReadonlyMap<Oid, BlobFacts>,
): FileState {
  const leafMode = mode as LeafMode;
  if (mode === SUBMODULE_MODE) return { mode: leafMode, oid, sizeBytes: null, lfs: null };
  const blob = facts.get(oid);
  if (!blob) throw new Error(`the store lacks the blob ${oid}`);
  return { mode: leafMode, oid, sizeBytes: blob.lfs?.sizeBytes ?? blob.sizeBytes, lfs: blob.lfs };
}
