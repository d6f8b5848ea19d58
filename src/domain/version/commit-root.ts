import type { SqlExecutor } from '../../db/sql.ts';
import type { Oid } from '../../git/oid.ts';
import { findRootTree } from './revision.queries.ts';
import type { VersionCaches } from './version-caches.ts';

/** What reads of immutable data need; `Deps` is one. */
export interface ReadDeps {
  readonly sql: SqlExecutor;
  readonly versionCaches: VersionCaches;
}

/** Root tree of a commit, or null when the store has no such commit. Remembered: neither can change. */
export async function rootOfCommit(deps: ReadDeps, storeId: number, commitOid: Oid): Promise<Oid | null> {
  const { roots } = deps.versionCaches;
  const key = `${storeId}:${commitOid}`;
  const known = roots.get(key);
  if (known !== undefined) return known;
  const rootOid = await findRootTree(deps.sql, storeId, commitOid);
  if (rootOid !== null) roots.set(key, rootOid);
  return rootOid;
}
