import { claimBytes } from '../domain/storage/intent.queries.ts';
import { findUnneededXorbs, takeUnneededXorbs } from '../domain/xet/xet-sweep.queries.ts';
import type { Job } from './job.ts';
import { destroyBytes, repeat, SWEEP_BATCH, type SweepDeps } from './sweeping.ts';

export interface XetSweepReport {
  /** Xorbs that no file needs and no client may name any more. */
  readonly collectedXorbs: number;
}

/**
 * Removes xorbs whose lease is over and that no file needs. Files end with their contents, which the sweep of LFS objects
 * collects. As safe as that one: rows decide, and bytes go only under keys that this run has claimed.
 */
export async function runXetSweep(deps: SweepDeps): Promise<XetSweepReport> {
  return { collectedXorbs: await repeat(() => collectXorbs(deps)) };
}

async function collectXorbs(deps: SweepDeps): Promise<number> {
  const candidates = await findUnneededXorbs(deps.sql, SWEEP_BATCH);
  if (candidates.length === 0) return 0;
  const taken = await deps.sql.transaction(async (tx) => {
    const taken = await takeUnneededXorbs(tx, candidates);
    await claimBytes(tx, taken.keys);
    return taken;
  });
  await destroyBytes(deps, taken.keys);
  return taken.count;
}

export const xetSweepJob: Job = { name: 'xet-sweep', intervalMs: 600_000, run: runXetSweep };
