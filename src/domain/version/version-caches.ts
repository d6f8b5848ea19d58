import { LRUCache } from 'lru-cache';
import type { Oid } from '../../git/oid.ts';
import type { TreeEntry } from '../../git/tree.ts';
import type { TreeItem } from './values.ts';

/**
 * What may be remembered for ever, because its key names it by content within one store (`version-store.md` 3.8).
 * Refs, permissions and the presence of LFS objects are never here.
 */
export interface VersionCaches {
  /** Decoded trees, by `<storeId>:<tree oid>`; weighed by entries. */
  readonly trees: LRUCache<string, readonly TreeEntry[]>;
  /** What a path is at a commit, by `<storeId>:<commit oid>:<path>`; null when there is nothing. */
  readonly entries: LRUCache<string, { readonly item: TreeItem | null }>;
  /** Root tree of a commit, by `<storeId>:<commit oid>`. */
  readonly roots: LRUCache<string, Oid>;
}

const MAX_TREE_ENTRIES = 300_000;
const MAX_PATHS = 50_000;

export function createVersionCaches(): VersionCaches {
  return {
    trees: new LRUCache({ maxSize: MAX_TREE_ENTRIES, sizeCalculation: (entries) => entries.length + 1 }),
    entries: new LRUCache({ max: MAX_PATHS }),
    roots: new LRUCache({ max: MAX_PATHS }),
  };
}
