import type { Oid } from '../../git/oid.ts';
import { decodeTree, type TreeEntry } from '../../git/tree.ts';
import type { SqlExecutor } from '../../db/sql.ts';
import { Batcher } from '../../lib/batcher.ts';
import { readObjectData } from './object.queries.ts';
import type { VersionCaches } from './version-caches.ts';

/** Reads trees of one store: from the cache, or those that are asked for together with one statement. */
export function treeSource(sql: SqlExecutor, caches: VersionCaches, storeId: number) {
  const batcher = new Batcher<Oid, readonly TreeEntry[]>({
    idOf: (oid) => oid,
    loadMany: async (oids) => {
      const data = await readObjectData(sql, storeId, oids);
      return oids.map((oid) => {
        const bytes = data.get(oid);
        if (!bytes) throw new Error(`store ${storeId} has no tree ${oid}`);
        const entries = decodeTree(bytes);
        caches.trees.set(`${storeId}:${oid}`, entries);
        return entries;
      });
    },
  });
  return async (oid: Oid): Promise<readonly TreeEntry[]> =>
    caches.trees.get(`${storeId}:${oid}`) ?? batcher.load(oid);
}
