import type { SqlExecutor, SqlTransaction } from '../../db/sql.ts';
import { type Oid, oidFromBytes, oidToBytes } from '../../git/oid.ts';
import { RepoNotFound } from '../errors.ts';

/**
 * Keeps garbage collection out of a store, and the deletion of its repository, until the transaction ends. Every transaction that
 * adds objects or refs calls this before it relies on anything that the store holds: before "is this object here?", and so before
 * `insert … on conflict do nothing`. What was looked up earlier (a commit to branch from, a file to copy) is looked up again under
 * it, with `findMissingObjects`. Writers hold a store together; only the collector wants it alone, and it never queues before them.
 *
 * A stored object has everything that it names: whoever finds a commit here under the lock may let a ref point to it.
 * A write that relies on refs which it read before its transaction (a push) also needs a `write_session`, see `openWriteSession`.
 * @throws {RepoNotFound} when the repository was deleted meanwhile.
 */
export async function holdStore(tx: SqlTransaction, storeId: number): Promise<void> {
  const [store] = await tx.query({
    name: 'hold-store',
    text: `
      select pg_advisory_xact_lock_shared(hashtextextended('store:' || $1::bigint, 0))
      from git_store where id = $1 and repo_id is not null for share`,
    values: [storeId],
  });
  if (!store) throw new RepoNotFound();
}

/**
 * Takes a store away from all its writers until the transaction ends, unless there is one now. For the garbage collector, which
 * tries again later instead of making writers queue behind it.
 */
export async function tryOwnStore(tx: SqlTransaction, storeId: number): Promise<boolean> {
  const [lock] = await tx.query<{ taken: boolean }>({
    name: 'try-own-store',
    text: `select pg_try_advisory_xact_lock(hashtextextended('store:' || $1::bigint, 0)) as taken`,
    values: [storeId],
  });
  return lock!.taken;
}

/** Which of these objects the store does not hold. Call `holdStore` first, or the answer is old when it comes. */
export async function findMissingObjects(
  sql: SqlExecutor,
  storeId: number,
  oids: readonly Oid[],
): Promise<readonly Oid[]> {
  if (oids.length === 0) return [];
  const rows = await sql.query<{ oid: Buffer }>({
    name: 'find-missing-objects',
    text: `
      select q.oid from unnest($2::bytea[]) as q (oid)
      where not exists (select from git_object o where o.store_id = $1 and o.oid = q.oid)`,
    values: [storeId, oids.map(oidToBytes)],
  });
  return rows.map((row) => oidFromBytes(row.oid));
}
