import { LRUCache } from 'lru-cache';
import type { Oid } from '../../git/oid.ts';
import type { TreeEntry } from '../../git/tree.ts';
import type { BlobFacts } from './blob.queries.ts';
import type { LastCommit, TreeItem } from './values.ts';
import type { SiblingFiles, Siblings } from './siblings.ts';

/**
 * What may be remembered for ever, because its key names it by content within one store (`version-store.md` 3.8).
 * Refs, permissions and the presence of LFS objects are never here.
 */
export interface VersionCaches {
  /** Decoded trees, by `<storeId>:<tree oid>`; weighed by entries. */
  readonly trees: LRUCache<string, readonly TreeEntry[]>;
  /** Size and LFS target of a blob, by `<storeId>:<blob oid>`. */
  readonly blobs: LRUCache<string, BlobFacts>;
  /** What a path is at a commit, by `<storeId>:<commit oid>:<path>`; null when there is nothing. */
  readonly entries: LRUCache<string, { readonly item: TreeItem | null }>;
  /** Root tree of a commit, by `<storeId>:<commit oid>`. */
  readonly roots: LRUCache<string, Oid>;
  /** Commit behind an annotated tag, by `<storeId>:<tag object oid>`. */
  readonly peeledTags: LRUCache<string, Oid>;
  /** Newest change of a path, by `<storeId>:<commit oid>:<path>`. */
  readonly lastCommits: LRUCache<string, LastCommit>;
  /** Length of the history of a commit, by `<storeId>:<commit oid>`; null when it is too long to be counted. */
  readonly commitCounts: LRUCache<string, { readonly count: number | null }>;
  /** All files of a commit, by `<storeId>:<commit oid>:<limit>`; weighed by files. */
  readonly siblings: LRUCache<string, Siblings>;
  /** The same with sizes. */
  readonly siblingFiles: LRUCache<string, SiblingFiles>;
}

const MAX_TREE_ENTRIES = 300_000;
const MAX_BLOBS = 150_000;
const MAX_SIBLINGS = 100_000;
const MAX_COMMITS = 50_000;
/** Keys that hold paths are weighed, because a path may have four kilobytes. */
const MAX_PATH_KEY_CHARS = 8_000_000;

export function createVersionCaches(): VersionCaches {
  return {
    trees: new LRUCache({ maxSize: MAX_TREE_ENTRIES, sizeCalculation: (entries) => entries.length + 1 }),
    blobs: new LRUCache({ max: MAX_BLOBS }),
    entries: new LRUCache({ maxSize: MAX_PATH_KEY_CHARS, sizeCalculation: (_entry, key) => key.length }),
    roots: new LRUCache({ max: MAX_COMMITS }),
    peeledTags: new LRUCache({ max: MAX_COMMITS }),
    lastCommits: new LRUCache({ maxSize: MAX_PATH_KEY_CHARS, sizeCalculation: (_commit, key) => key.length }),
    commitCounts: new LRUCache({ max: MAX_COMMITS }),
    siblings: new LRUCache({ maxSize: MAX_SIBLINGS, sizeCalculation: ({ files }) => files.length + 1 }),
    siblingFiles: new LRUCache({ maxSize: MAX_SIBLINGS, sizeCalculation: ({ files }) => files.length + 1 }),
  };
}
