import { stat } from 'node:fs/promises';
import type { UnpackLimits } from '../../git/pack-file.ts';
import type { Oid } from '../../git/oid.ts';
import type { GitPlace } from '../../git-runner/git-runner.ts';
import { WorkerPool } from '../../lib/worker-pool.ts';
import { requireGoodTrees } from './push-content.ts';
import { type ImportedObjects, type ImportJob, importObjects, type ImportResult } from './push-import.ts';
import { type Listed, type ListingLimits, MAX_OBJECTS, tooManyObjects } from './push-listing.ts';
import { type PackPaths, type PushQuarantine, tooMuch } from './push-quarantine.ts';
import type { LargeFiles, LargeFilesJob } from './push-large-files.ts';
import { type KnownHistory, type Walked, type WalkJob, walkPush } from './push-walk.ts';

export type PushJob =
  | (ImportJob & { readonly kind: 'import' })
  | (PlainJob & { readonly kind: 'plain' })
  | (LargeFilesJob & { readonly kind: 'large files' });
export type PushJobResult =
  | ImportResult
  | { readonly kind: 'plain'; readonly push: PlainPush | null }
  | (LargeFiles & { readonly kind: 'large files' });

/** To walk through a push, and to import what was found. */
interface PlainJob extends WalkJob {
  readonly settings: ImportSettings;
}

/** A push whose new objects were found without git. */
export interface PlainPush {
  readonly walked: Walked;
  /** Null when nobody has tried yet. */
  readonly result: ImportResult | null;
}

/** Threads that read what pushes bring. */
export type ImportPool = WorkerPool<PushJob, PushJobResult>;

/** Who pushes what. */
export interface PushInput {
  readonly quarantine: PushQuarantine;
  readonly storeId: number;
  readonly userId: number;
  readonly userEmails: readonly string[];
  readonly limits: ListingLimits;
  readonly signal: AbortSignal;
}

export interface PlainInput extends PushInput {
  readonly tips: readonly Oid[];
  readonly known: KnownHistory;
}

export interface ImportInput extends PushInput {
  readonly place: GitPlace;
  readonly listing: Listed;
  readonly generations: ReadonlyMap<Oid, number>;
  /** Null when git found them: then they are in the list of the quarantine. */
  readonly plain: PlainPush | null;
}

type ImportSettings = Omit<ImportJob, 'objects' | 'generations' | 'limits'> & {
  readonly maxFileBytes: number;
};

export interface Imported extends Omit<ImportedObjects, 'idx' | 'packSum'> {
  readonly idx: Buffer;
  readonly packSum: Buffer;
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

/**
 * What a plain push brings, found without git; see `walkPush`. A thread that walked through a large one goes on and imports it.
 * @throws the reason of the signal.
 */
export async function takePlain(pool: ImportPool, input: PlainInput): Promise<PlainPush | null> {
  const { quarantine, known, tips, storeId, limits } = input;
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
    changesPath: quarantine.path('walked-changes.rows'),
    filesPath: quarantine.path('walked-files.rows'),
  };
  if (isSmall) {
    const walked = await walkPush(job, known);
    return walked && { walked, result: null };
  }
  const settings = settingsOf(input, paths);
  const result = await stoppable(input, settings, () => pool.run({ ...job, settings, kind: 'plain' }));
  if (result.kind !== 'plain') throw new Error(`the walk through a push ended as ${result.kind}`);
  return result.push;
}

/** What large files there are in a pack that git gave up; see `findLargeFiles`. */
export async function findLargeFilesOf(pool: ImportPool, job: LargeFilesJob): Promise<LargeFiles> {
  const result = await pool.run({ ...job, kind: 'large files' });
  if (result.kind !== 'large files') throw new Error(`the look for large files ended as ${result.kind}`);
  return result;
}

/** Makes a segment of the new objects of a push, and their rows. @throws {PushRefused} @throws the reason of the signal. */
export async function importPushed(pool: ImportPool, input: ImportInput): Promise<Imported> {
  const { quarantine, place, plain } = input;
  if (plain?.result) return finished(input, plain.result);
  const received = await quarantine.receivedPack();
  const result = received && (await importFrom(pool, input, received));
  if (result && result.kind !== 'incomplete') return finished(input, result);
  return finished(input, await importFrom(pool, input, await quarantine.packAll(place)));
}

async function importFrom(pool: ImportPool, input: ImportInput, paths: PackPaths): Promise<ImportResult> {
  const { quarantine, listing, generations, plain } = input;
  const { objectCount, totalBytes } = listing;
  const { size: idxBytes } = await stat(paths.idxPath);
  if (idxBytes > MAX_IDX_BYTES) throw tooManyObjects();
  const settings = settingsOf(input, paths);
  const objects = plain?.walked.objects ?? { listPath: quarantine.listPath, objectCount };
  const job = importJobOf(settings, { objects, generations, totalBytes });
  const isSmall = totalBytes <= INLINE_BYTES && objectCount <= INLINE_OBJECTS && idxBytes <= INLINE_BYTES;
  const inline = isSmall ? await importObjects({ ...job, limits: INLINE_LIMITS }) : null;
  // Small objects may build on large ones.
  if (inline && inline.kind !== 'too hard') return inline;
  const result = await stoppable(input, settings, () => pool.run({ ...job, kind: 'import' }));
  if (result.kind === 'plain' || result.kind === 'large files')
    throw new Error(`the import of a push ended as ${result.kind}`);
  return result;
}

/** Tells the thread when nobody wants the result any more. @throws the reason of the signal. */
async function stoppable<T>(
  { signal }: PushInput,
  { isOver }: ImportSettings,
  run: () => Promise<T>,
): Promise<T> {
  const stop = (): void => void Atomics.store(isOver, 0, 1);
  signal.addEventListener('abort', stop, { once: true });
  try {
    signal.throwIfAborted();
    return await run();
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

function settingsOf(input: PushInput, paths: PackPaths): ImportSettings {
  const { quarantine, storeId, userId, userEmails, limits } = input;
  return {
    ...paths,
    segmentPath: quarantine.path('segment.pack'),
    objectRowsPath: quarantine.path('objects.rows'),
    commitRowsPath: quarantine.path('commits.rows'),
    storeId,
    userId,
    userEmails,
    maxFileBytes: limits.fileBytes,
    isOver: new Int32Array(new SharedArrayBuffer(4)),
  };
}

/** Walks through a push and imports it: for a thread. */
export async function walkAndImport({ settings, ...job }: PlainJob): Promise<PlainPush | null> {
  const walked = await walkPush(job);
  if (!walked) return null;
  const { objects, ...rest } = walked;
  if (objects.length === 0) return { walked, result: null };
  const result = await importObjects(importJobOf(settings, walked));
  // They are many, and nobody needs them again.
  return { walked: { ...rest, objects: [] }, result };
}

function importJobOf(
  { maxFileBytes, ...settings }: ImportSettings,
  found: Pick<ImportJob, 'objects' | 'generations'> & Pick<Listed, 'totalBytes'>,
): ImportJob {
  return {
    ...settings,
    objects: found.objects,
    generations: found.generations,
    limits: {
      objectBytes: Math.max(maxFileBytes, MIN_OBJECT_BYTES),
      cacheBytes: CACHE_BYTES,
      workBytes: MIN_WORK_BYTES + WORK_TIMES * found.totalBytes,
    },
  };
}

function finished({ signal, limits }: ImportInput, result: ImportResult): Imported {
  signal.throwIfAborted();
  if (result.kind === 'too hard') throw tooMuch(result.costs);
  if (result.kind === 'corrupt') throw new Error(`what git took in cannot be read: ${result.message}`);
  if (result.kind !== 'done') throw new Error(`the import of a push ended as ${result.kind}`);
  const { idx, packSum, ...rest } = result.imported;
  requireGoodTrees(rest, limits.refName);
  return { ...rest, idx: Buffer.from(idx.buffer), packSum: Buffer.from(packSum) };
}
