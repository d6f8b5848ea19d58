import type { SharedDeps } from '../domain/deps.ts';
import {
  deleteAbandonedUploads,
  dropStaleLinks,
  findAbandonedUploads,
  findUnlinked,
  markGone,
  markUnlinked,
} from '../domain/lfs/lfs-sweep.queries.ts';
import { claimBytes, claimExpiredBytes, dropClaims } from '../domain/storage/intent.queries.ts';
import type { Job } from './job.ts';
import type { ObjectKey } from '../storage/object-store.ts';

export type SweepDeps = Pick<SharedDeps, 'sql' | 'store' | 'log'>;

export interface SweepReport {
  /** Uploads that were granted and never verified. */
  readonly abandonedUploads: number;
  /** Objects that were brought to a repository and never committed there. */
  readonly staleLinks: number;
  /** Objects that no repository needs any more. */
  readonly collectedObjects: number;
  /** Keys under which a write that died may have left bytes. */
  readonly sweptKeys: number;
}

const BATCH = 500;
/** Bounds one run: what is left waits for the next. */
const MAX_BATCHES = 200;
const PARALLEL_DELETES = 16;

/**
 * Removes what nobody needs: abandoned uploads, uncommitted links past their lease, objects without links, and bytes of
 * writes that died. Safe beside every other work and beside a second sweep: rows decide, and bytes go only under keys
 * that this run has claimed (see `intent.queries.ts`). A run that dies is finished by a later one.
 */
export async function runLfsSweep(deps: SweepDeps): Promise<SweepReport> {
  return {
    abandonedUploads: await repeat(() => dropAbandonedUploads(deps)),
    staleLinks: await repeat(() => dropStaleLinks(deps.sql, BATCH)),
    collectedObjects: await repeat(() => collectObjects(deps)),
    sweptKeys: await repeat(() => sweepExpired(deps)),
  };
}

/** Runs a step until a batch is not full any more. */
async function repeat(step: () => Promise<number>): Promise<number> {
  let total = 0;
  for (let batch = 0; batch < MAX_BATCHES; batch++) {
    const count = await step();
    total += count;
    if (count < BATCH) break;
  }
  return total;
}

async function dropAbandonedUploads({ sql, store }: SweepDeps): Promise<number> {
  const uploads = await findAbandonedUploads(sql, BATCH);
  for (const { storageKey, multipartId } of uploads) {
    if (multipartId !== null) await store.abortMultipart(storageKey, multipartId);
  }
  return deleteAbandonedUploads(
    sql,
    uploads.map((upload) => upload.id),
  );
}

async function collectObjects(deps: SweepDeps): Promise<number> {
  const candidates = await findUnlinked(deps.sql, BATCH);
  if (candidates.length === 0) return 0;
  const keys = await deps.sql.transaction(async (tx) => {
    const marked = await markUnlinked(tx, candidates);
    await claimBytes(tx, marked);
    return marked;
  });
  await destroy(deps, keys);
  return keys.length;
}

async function sweepExpired(deps: SweepDeps): Promise<number> {
  const keys = await claimExpiredBytes(deps.sql, BATCH);
  await destroy(deps, keys);
  return keys.length;
}

/** Deletes bytes under claimed keys. A key that the store fails on stays claimed, and a later run tries again. */
async function destroy({ sql, store, log }: SweepDeps, keys: readonly ObjectKey[]): Promise<void> {
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

export const lfsSweepJob: Job = { name: 'lfs-sweep', intervalMs: 600_000, run: runLfsSweep };
