import { stat } from 'node:fs/promises';
import type { UnpackLimits } from '../../git/pack-file.ts';
import type { Oid } from '../../git/oid.ts';
import type { GitPlace } from '../../git-runner/git-runner.ts';
import { WorkerPool } from '../../lib/worker-pool.ts';
import { requireGoodTrees } from './push-content.ts';
import { type ImportedObjects, type ImportJob, importObjects, type ImportResult } from './push-import.ts';
import { type Listed, type ListingLimits, MAX_OBJECTS, tooManyObjects } from './push-listing.ts';
import { type PackPaths, type PushQuarantine, tooMuch } from './push-quarantine.ts';
import { type KnownHistory, type Walked, type WalkJob, walkPush } from './push-walk.ts';

export type PushJob = (ImportJob & { readonly kind: 'import' }) | (WalkJob & { readonly kind: 'walk' });
export type PushJobResult = ImportResult | { readonly kind: 'walked'; readonly walked: Walked | null };

/** Threads that read what pushes bring. */
export type ImportPool = WorkerPool<PushJob, PushJobResult>;

export interface WalkOptions {
  readonly quarantine: PushQuarantine;
  readonly tips: readonly Oid[];
  readonly storeId: number;
  readonly limits: ListingLimits;
  readonly known: KnownHistory;
}

export interface ImportInput {
  readonly quarantine: PushQuarantine;
  readonly place: GitPlace;
  readonly listing: Listed;
  readonly storeId: number;
  readonly generations: ReadonlyMap<Oid, number>;
  readonly userId: number;
  readonly userEmails: readonly string[];
  /** The largest file that a push may bring. */
  readonly maxFileBytes: number;
  readonly signal: AbortSignal;
}

export interface Imported extends Omit<ImportedObjects, 'idx' | 'packSum'> {
  readonly idx: Buffer;
  readonly packSum: Buffer;
  readonly packPath: string;
}

const MIB = 2 ** 20;
/** Each may hold some objects of the largest size. */
const MAX_THREADS = 2;
/** The code of a new thread runs at half the speed. */
const IDLE_MS = 60_000;
/** A push of the largest size takes minutes, and more on a busy machine. */
const JOB_MS = 3_600_000;
/** The base of a delta may be larger than files may be now. */
const MIN_OBJECT_BYTES = 64 * MIB;
const CACHE_BYTES = 48 * MIB;
/** A delta needs few steps. Packs that are made to need more are refused before they take minutes. */
const WORK_TIMES = 32;
const MIN_WORK_BYTES = 256 * MIB;
/** Less than this is imported at once in the caller's thread: at most about 5 ms. */
const INLINE_BYTES = 256 * 1024;
const INLINE_OBJECTS = 50;
const INLINE_LIMITS: UnpackLimits = {
  objectBytes: 2 * INLINE_BYTES,
  cacheBytes: 2 * INLINE_BYTES,
  workBytes: 4 * INLINE_BYTES,
};
/** More objects are for git. A thread walks through as many in a second. */
const MAX_WALK_STEPS = 200_000;
const MAX_INLINE_STEPS = 10_000;
/** 28 for each object, and its tables. What a pack holds beyond the new objects is a few bases. */
const MAX_IDX_BYTES = 28 * 2 * MAX_OBJECTS;
const MAX_WALK_IDX_BYTES = 28 * MAX_WALK_STEPS;
const MAX_INLINE_IDX_BYTES = 1100 + 28 * 2 * INLINE_OBJECTS;
const WALK_LIMITS: UnpackLimits = {
  objectBytes: MIN_OBJECT_BYTES,
  cacheBytes: CACHE_BYTES,
  workBytes: MIN_WORK_BYTES,
};

export function createImportPool(): ImportPool {
  return new WorkerPool({
    workerFile: new URL('./push-import-worker.ts', import.meta.url),
    name: 'push import',
    maxWorkers: MAX_THREADS,
    idleMs: IDLE_MS,
    jobMs: JOB_MS,
  });
}

/** What a plain push brings, found without git; see `walkPush`. */
export async function walkPushed(pool: ImportPool, options: WalkOptions): Promise<Walked | null> {
  const { quarantine, known, tips, storeId, limits } = options;
  const paths = await quarantine.receivedPack();
  if (!paths) return null;
  const [pack, idx] = await Promise.all([stat(paths.packPath), stat(paths.idxPath)]);
  if (idx.size > MAX_WALK_IDX_BYTES) return null;
  const isSmall = pack.size <= INLINE_BYTES && idx.size <= MAX_INLINE_IDX_BYTES;
  const job: WalkJob = {
    ...paths,
    tips,
    storeId,
    limits,
    unpackLimits: isSmall ? INLINE_LIMITS : WALK_LIMITS,
    maxSteps: isSmall ? MAX_INLINE_STEPS : MAX_WALK_STEPS,
    listPath: quarantine.listPath,
    changesPath: quarantine.path('walked-changes.rows'),
    filesPath: quarantine.path('walked-files.rows'),
  };
  if (isSmall) return walkPush(job, known);
  const result = await pool.run({ ...job, kind: 'walk' });
  return result.kind === 'walked' ? result.walked : null;
}

/** Makes a segment of the new objects of a push, and their rows. @throws {PushRefused} */
export async function importPushed(pool: ImportPool, input: ImportInput): Promise<Imported> {
  const { quarantine, place } = input;
  const received = await quarantine.receivedPack();
  const result = received && (await importFrom(pool, input, received));
  if (result && result.kind !== 'incomplete') return finished(input, result);
  return finished(input, await importFrom(pool, input, await quarantine.packAll(place)));
}

async function importFrom(pool: ImportPool, input: ImportInput, paths: PackPaths): Promise<ImportResult> {
  const { listing, signal } = input;
  const { size: idxBytes } = await stat(paths.idxPath);
  if (idxBytes > MAX_IDX_BYTES) throw tooManyObjects();
  const job = jobOf(input, paths);
  const isSmall =
    listing.totalBytes <= INLINE_BYTES && listing.objectCount <= INLINE_OBJECTS && idxBytes <= INLINE_BYTES;
  const inline = isSmall ? await importObjects({ ...job, limits: INLINE_LIMITS }) : null;
  // Small objects may build on large ones.
  if (inline && inline.kind !== 'too hard') return inline;
  const stop = (): void => void Atomics.store(job.isOver, 0, 1);
  signal.addEventListener('abort', stop, { once: true });
  try {
    signal.throwIfAborted();
    const result = await pool.run({ ...job, kind: 'import' });
    if (result.kind === 'walked') throw new Error('the import of a push ended as a walk');
    return result;
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

function jobOf(input: ImportInput, paths: PackPaths): ImportJob {
  const { quarantine, listing, storeId, generations, userId, userEmails, maxFileBytes } = input;
  return {
    ...paths,
    ...outputsOf(quarantine),
    listPath: quarantine.listPath,
    objectCount: listing.objectCount,
    limits: {
      objectBytes: Math.max(maxFileBytes, MIN_OBJECT_BYTES),
      cacheBytes: CACHE_BYTES,
      workBytes: MIN_WORK_BYTES + WORK_TIMES * listing.totalBytes,
    },
    storeId,
    generations,
    userId,
    userEmails,
    isOver: new Int32Array(new SharedArrayBuffer(4)),
  };
}

function outputsOf(quarantine: PushQuarantine) {
  return {
    segmentPath: quarantine.path('segment.pack'),
    objectRowsPath: quarantine.path('objects.rows'),
    commitRowsPath: quarantine.path('commits.rows'),
  };
}

function finished({ quarantine, signal }: ImportInput, result: ImportResult): Imported {
  signal.throwIfAborted();
  if (result.kind === 'too hard') throw tooMuch(result.costs);
  if (result.kind === 'corrupt') throw new Error(`what git took in cannot be read: ${result.message}`);
  if (result.kind !== 'done') throw new Error(`the import of a push ended as ${result.kind}`);
  const { idx, packSum, ...rest } = result.imported;
  requireGoodTrees(rest);
  const { segmentPath: packPath } = outputsOf(quarantine);
  return { ...rest, packPath, idx: Buffer.from(idx.buffer), packSum: Buffer.from(packSum) };
}
