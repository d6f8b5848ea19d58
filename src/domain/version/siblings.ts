import type { Oid } from '../../git/oid.ts';
import { FOLDER_MODE } from '../../git/tree.ts';
import type { ReadTree } from '../../git/tree-edit.ts';
import { SUBMODULE_MODE, type WalkedEntry } from './tree-walk.ts';

/** The files of a whole revision, as repository info shows them. */
export interface Siblings {
  /** In byte order of their paths. */
  readonly files: readonly WalkedEntry[];
  /** The revision has more files than these: files of upper folders go first. */
  readonly isTruncated: boolean;
}

/** Folders read with one statement. */
const FOLDERS_AT_ONCE = 50;

/** Collects files level by level until there are `limit`. Reads at most about `limit` folders. */
export async function collectSiblings(readTree: ReadTree, rootOid: Oid, limit: number): Promise<Siblings> {
  const files: WalkedEntry[] = [];
  const folders: { readonly prefix: string; readonly oid: Oid }[] = [{ prefix: '', oid: rootOid }];
  let next = 0;
  while (next < folders.length && files.length <= limit && next <= limit) {
    const batch = folders.slice(next, next + FOLDERS_AT_ONCE);
    next += batch.length;
    const trees = await Promise.all(batch.map(({ oid }) => readTree(oid)));
    for (const [index, { prefix }] of batch.entries()) {
      for (const entry of trees[index]!) {
        const path = prefix + entry.name;
        if (entry.mode === FOLDER_MODE) folders.push({ prefix: `${path}/`, oid: entry.oid });
        else if (entry.mode !== SUBMODULE_MODE) files.push({ ...entry, path });
      }
    }
  }
  const isTruncated = files.length > limit || next < folders.length;
  return { files: files.slice(0, limit).toSorted(byPath), isTruncated };
}

function byPath(a: WalkedEntry, b: WalkedEntry): number {
  return Buffer.compare(Buffer.from(a.path), Buffer.from(b.path));
}
