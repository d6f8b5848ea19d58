import type { SqlExecutor, SqlTransaction } from '../db/sql.ts';
import type { SharedDeps } from '../domain/deps.ts';
import { markGone } from '../domain/lfs/lfs-sweep.queries.ts';
import { claimBytes, dropClaims } from '../domain/storage/intent.queries.ts';
import type { ObjectKey } from '../storage/object-store.ts';

export type SweepDeps = Pick<SharedDeps, 'sql' | 'store' | 'log'>;

/** What one step takes at most. */
export const SWEEP_BATCH = 500;
/** Bounds one run: what is left waits for the next. */
const MAX_BATCHES = 200;
const PARALLEL_DELETES = 16;

/** Runs a step until a batch is not full any more. */
export async function repeat(step: () => Promise<number>): Promise<number> {
  let total = 0;
  for (let batch = 0; batch < MAX_BATCHES; batch++) {
    const count = await step();
    total += count;
    if (count < SWEEP_BATCH) break;
  }
  return total;
}

/** One step of a collector: takes what it finds, claims its bytes in the same transaction, and deletes them. @returns how much it took. */
export async function collect(
  deps: SweepDeps,
  find: (sql: SqlExecutor, limit: number) => Promise<readonly Buffer[]>,
  take: (
    tx: SqlTransaction,
    found: readonly Buffer[],
  ) => Promise<{ readonly count: number; readonly keys: readonly ObjectKey[] }>,
): Promise<number> {
  const candidates = await find(deps.sql, SWEEP_BATCH);
  if (candidates.length === 0) return 0;
  const taken = await deps.sql.transaction(async (tx) => {
    const taken = await take(tx, candidates);
    await claimBytes(tx, taken.keys);
    return taken;
  });
  await destroyBytes(deps, taken.keys);
  return taken.count;
}

/** Deletes bytes under claimed keys. A key that the store fails on stays claimed, and a later run tries again. */
export async function destroyBytes(
  { sql, store, log }: SweepDeps,
  keys: readonly ObjectKey[],
): Promise<void> {
  for (let start = 0; start < keys.length; start += PARALLEL_DELETES) {
    const some = keys.slice(start, start + PARALLEL_DELETES);
    const outcomes = await Promise.allSettled(some.map((key) => store.delete(key)));
    const deleted = some.filter((_, index) => outcomes[index]?.status === 'fulfilled');
    for (const outcome of outcomes)
      if (outcome.status === 'rejected')
        log.warn({ err: outcome.reason }, 'sweep could not delete an object');
    await markGone(sql, deleted);
    await dropClaims(sql, deleted);
  }
}
