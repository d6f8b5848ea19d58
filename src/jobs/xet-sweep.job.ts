import {
  findUnneededFiles,
  findUnneededXorbs,
  takeUnneededFiles,
  takeUnneededXorbs,
} from '../domain/xet/xet-sweep.queries.ts';
import type { Job } from './job.ts';
import { collect, repeat, SWEEP_BATCH, type SweepDeps } from './sweeping.ts';

export interface XetSweepReport {
  /** Files of contents that all repositories hold in other forms. */
  readonly collectedFiles: number;
  /** Xorbs that no file needs and no client may name any more. */
  readonly collectedXorbs: number;
}

/**
 * Removes files that no repository holds, and xorbs whose lease is over and that no file needs. Files also end with their contents, which
 * the sweep of LFS objects collects. As safe as that one: rows decide, and bytes go only under keys that this run has claimed.
 */
export async function runXetSweep(deps: SweepDeps): Promise<XetSweepReport> {
  return {
    collectedFiles: await repeat(() => collectFiles(deps)),
    collectedXorbs: await repeat(() => collect(deps, findUnneededXorbs, takeUnneededXorbs)),
  };
}

async function collectFiles({ sql }: SweepDeps): Promise<number> {
  const candidates = await findUnneededFiles(sql, SWEEP_BATCH);
  if (candidates.length === 0) return 0;
  return sql.transaction((tx) => takeUnneededFiles(tx, candidates));
}

export const xetSweepJob: Job = { name: 'xet-sweep', intervalMs: 600_000, run: runXetSweep };
