import type { Oid } from '../../git/oid.ts';
import { FOLDER_MODE } from '../../git/tree.ts';
import type { ReadTree } from '../../git/tree-edit.ts';
import type { TreeFile } from './values.ts';
import { SUBMODULE_MODE, type WalkedEntry } from './tree-walk.ts';

/** The files of a whole revision, as repository info shows them. */
export interface Siblings {
  /** In byte order of their paths. */
  readonly files: readonly WalkedEntry[];
  /** The revision has more files than these: files of upper folders go first. */
  readonly isTruncated: boolean;
}

/** The same files with size and LFS target. */
export interface SiblingFiles {
  readonly files: readonly TreeFile[];
  readonly isTruncated: boolean;
}

/** Folders read with one statement: few at first, because few may be enough. */
const FIRST_BATCH = 4;
const MAX_BATCH = 64;

/** Collects files level by level until there are `limit`. Reads at most about `limit` folders. */
export async function collectSiblings(readTree: ReadTree, rootOid: Oid, limit: number): Promise<Siblings> {
  const files: WalkedEntry[] = [];
  const folders: { readonly prefix: string; readonly oid: Oid }[] = [{ prefix: '', oid: rootOid }];
  let next = 0;
  let batchSize = FIRST_BATCH;
  while (next < folders.length && files.length <= limit && next <= limit) {
    const batch = folders.slice(next, next + batchSize);
    next += batch.length;
    batchSize = Math.min(batchSize * 2, MAX_BATCH);
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
  return { files: sortedByPath(files.slice(0, limit)), isTruncated };
}

function sortedByPath(files: readonly WalkedEntry[]): readonly WalkedEntry[] {
  return files
    .map((file) => ({ file, bytes: Buffer.from(file.path) }))
    .toSorted((a, b) => Buffer.compare(a.bytes, b.bytes))
    .map(({ file }) => file);
}
