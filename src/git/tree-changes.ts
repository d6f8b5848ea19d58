import type { PathChange, PathState, ReadTree } from './tree-edit.ts';
import { FOLDER_MODE } from './tree.ts';

/** A path, split where folders list it; `dir` is '' for the root. */
export interface ChangedEntry {
  readonly dir: string;
  readonly name: string;
}

/** Every entry whose content changed: the changed paths and each folder above them, once. The root itself has no entry. */
export function changedEntries(changes: readonly PathChange[]): ChangedEntry[] {
  const seen = new Set<string>();
  const entries: ChangedEntry[] = [];
  for (const change of changes) {
    for (let path = change.path; path !== '' && !seen.has(path);) {
      seen.add(path);
      const slash = path.lastIndexOf('/');
      const dir = path.slice(0, Math.max(slash, 0));
      entries.push({ dir, name: path.slice(slash + 1) });
      path = dir;
    }
  }
  return entries;
}

/**
 * Replaces each deleted folder by the files it held, for callers that need them all (quotas, diffs). A file that was put again is one
 * change or, when it is the same, none. Reads every tree below the deleted folders.
 */
export async function expandDeletedFolders(
  changes: readonly PathChange[],
  readTree: ReadTree,
): Promise<PathChange[]> {
  const byPath = new Map<string, PathChange>();
  const deleted = changes.filter((change) => change.before?.mode === FOLDER_MODE);
  for (const { path, before } of deleted) {
    for await (const file of filesBelow(path, before!, readTree)) byPath.set(file.path, file);
  }
  for (const change of changes) {
    const before = change.before?.mode === FOLDER_MODE ? null : change.before;
    const { path, after } = change;
    const old = byPath.get(path)?.before ?? before;
    if (old?.oid === after?.oid && old?.mode === after?.mode) byPath.delete(path);
    else byPath.set(path, { path, before: old, after });
  }
  return Array.from(byPath.values());
}

async function* filesBelow(path: string, folder: PathState, readTree: ReadTree): AsyncGenerator<PathChange> {
  const folders = [{ path, oid: folder.oid }];
  for (let next = folders.pop(); next; next = folders.pop()) {
    for (const { name, mode, oid } of await readTree(next.oid)) {
      const child = `${next.path}/${name}`;
      if (mode === FOLDER_MODE) folders.push({ path: child, oid });
      else yield { path: child, before: { mode, oid }, after: null };
    }
  }
}
