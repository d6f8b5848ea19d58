import type { Oid } from '../../git/oid.ts';
import { decodeTree, type TreeEntry } from '../../git/tree.ts';
import type { SqlExecutor } from '../../db/sql.ts';
import { Batcher } from '../../lib/batcher.ts';
import { Turns } from '../../lib/turns.ts';
import { readObjectData } from './object.queries.ts';
import type { VersionCaches } from './version-caches.ts';

/** Bytes of trees that are decoded without a pause: some ten milliseconds. */
const BYTES_AT_ONCE = 1024 * 1024;

/** Reads trees of one store: from the cache, or those that are asked for together with one statement. */
export function treeSource(sql: SqlExecutor, caches: VersionCaches, storeId: number) {
  const batcher = new Batcher<Oid, readonly TreeEntry[]>({
    idOf: (oid) => oid,
    loadMany: async (oids) => {
      const data = await readObjectData(sql, storeId, oids);
      const turns = new Turns(BYTES_AT_ONCE);
      const trees: (readonly TreeEntry[])[] = [];
      for (const oid of oids) {
        const bytes = data.get(oid);
        if (!bytes) throw new Error(`store ${storeId} has no tree ${oid}`);
        await turns.before(bytes.length);
        const entries = decodeTree(bytes);
        caches.trees.set(`${storeId}:${oid}`, entries);
        trees.push(entries);
      }
      return trees;
    },
  });
  return async (oid: Oid): Promise<readonly TreeEntry[]> =>
    caches.trees.get(`${storeId}:${oid}`) ?? batcher.load(oid);
}
