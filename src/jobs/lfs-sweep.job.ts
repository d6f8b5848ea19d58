import {
  deleteAbandonedUploads,
  dropStaleLinks,
  dropStaleOffers,
  findAbandonedUploads,
  findUnneededBlobs,
  findUnneededCopies,
  findUnneededObjects,
  takeUnneededBlobs,
  takeUnneededCopies,
  takeUnneededObjects,
} from '../domain/lfs/lfs-sweep.queries.ts';
import { claimExpiredBytes } from '../domain/storage/intent.queries.ts';
import type { Job } from './job.ts';
import { collect, destroyBytes, repeat, SWEEP_BATCH, type SweepDeps } from './sweeping.ts';

export interface SweepReport {
  /** Uploads that were granted and never verified. */
  readonly abandonedUploads: number;
  /** Objects that were brought to a repository and never committed there. */
  readonly staleLinks: number;
  /** Objects that were brought for a pull request and never committed. */
  readonly staleOffers: number;
  /** Objects that no repository needs any more. */
  readonly collectedObjects: number;
  /** Blobs of objects that repositories hold only in xorbs. */
  readonly collectedBlobs: number;
  /** Copies of blobs that no repository holds. */
  readonly collectedCopies: number;
  /** Keys under which a write that died may have left bytes. */
  readonly sweptKeys: number;
}

/**
 * Removes what nobody needs: abandoned uploads, uncommitted links and offers past their lease, objects without links, blobs of
 * contents that are held in xorbs, and bytes of writes that died. Safe beside every other work and beside a second sweep: rows decide, and bytes go only under
 * keys that this run has claimed (see `intent.queries.ts`). A run that dies is finished by a later one.
 */
export async function runLfsSweep(deps: SweepDeps): Promise<SweepReport> {
  return {
    abandonedUploads: await repeat(() => dropAbandonedUploads(deps)),
    staleLinks: await repeat(() => dropStaleLinks(deps.sql, SWEEP_BATCH)),
    staleOffers: await repeat(() => dropStaleOffers(deps.sql, SWEEP_BATCH)),
    collectedObjects: await repeat(() => collect(deps, findUnneededObjects, takeUnneededObjects)),
    collectedBlobs: await repeat(() => collect(deps, findUnneededBlobs, takeUnneededBlobs)),
    collectedCopies: await repeat(() => collect(deps, findUnneededCopies, takeUnneededCopies)),
    sweptKeys: await repeat(() => sweepExpired(deps)),
  };
}

async function dropAbandonedUploads({ sql, store }: SweepDeps): Promise<number> {
  const uploads = await findAbandonedUploads(sql, SWEEP_BATCH);
  for (const { storageKey, multipartId } of uploads) {
    if (multipartId !== null) await store.abortMultipart(storageKey, multipartId);
  }
  return deleteAbandonedUploads(
    sql,
    uploads.map((upload) => upload.id),
  );
}

async function sweepExpired(deps: SweepDeps): Promise<number> {
  const keys = await claimExpiredBytes(deps.sql, SWEEP_BATCH);
  await destroyBytes(deps, keys);
  return keys.length;
}

export const lfsSweepJob: Job = { name: 'lfs-sweep', intervalMs: 600_000, run: runLfsSweep };
