import { readFile, stat } from 'node:fs/promises';
import type { UnpackLimits } from '../../git/pack-file.ts';
import { packSumOf } from '../../git/pack-index.ts';
import type { Oid } from '../../git/oid.ts';
import type { GitPlace } from '../../git-runner/git-runner.ts';
import { WorkerPool } from '../../lib/worker-pool.ts';
import { requireGoodTrees } from './push-content.ts';
import { partsOf } from './push-found.ts';
import { type ImportedObjects, type ImportJob, importObjects, type ImportResult } from './push-import.ts';
import { type Listed, type ListingLimits, MAX_OBJECTS, tooManyObjects } from './push-listing.ts';
import { type PackPaths, type PushQuarantine, tooMuch } from './push-quarantine.ts';
import type { LargeFiles, LargeFilesJob } from './push-large-files.ts';
import type { SegmentFiles } from './push-segment.ts';
import { type KnownHistory, type Walked, type WalkJob, walkPush } from './push-walk.ts';

export type PushJob =
  | (ImportJob & { readonly kind: 'import' })
  | (WalkJob & { readonly kind: 'walk' })
  | (LargeFilesJob & { readonly kind: 'large files' });
export type PushJobResult =
  | ImportResult
  | { readonly kind: 'walked'; readonly walked: Walked | null }
  | (LargeFiles & { readonly kind: 'large files' });

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

export interface WalkInput extends PushInput {
  readonly tips: readonly Oid[];
  readonly known: KnownHistory;
}

export interface ImportInput extends PushInput {
  readonly place: GitPlace;
  readonly listing: Listed;
  readonly generations: ReadonlyMap<Oid, number>;
  readonly segmentId: number;
  /** Null when git found the objects: then they are in the list of the quarantine. */
  readonly walked: Walked | null;
}

/** With the pack of its objects: the one that was pushed, or one that was made of it. */
export type Imported = Omit<ImportedObjects, 'segment'> & Omit<SegmentFiles, 'id' | 'objectCount'>;

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
/** So many take a thread some tens of milliseconds: more are worth several threads. */
const MIN_PART_OBJECTS = 1500;
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

/** Passes a pack on, and has threads ready when a large one has come in. */
export async function* warming(pool: ImportPool, pack: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let bytes = 0;
  for await (const chunk of pack) {
    bytes += chunk.length;
    if (bytes > INLINE_BYTES) pool.warm(MAX_THREADS);
    yield chunk;
  }
}

/** What a plain push brings, found without git; see `walkPush`. */
export async function walkPushed(pool: ImportPool, input: WalkInput): Promise<Walked | null> {
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
  if (isSmall) return walkPush(job, known);
  const result = await pool.run({ ...job, kind: 'walk' });
  if (result.kind !== 'walked') throw new Error(`the walk through a push ended as ${result.kind}`);
  return result.walked;
}

/** What large files there are in a pack that git gave up; see `findLargeFiles`. */
export async function findLargeFilesOf(pool: ImportPool, job: LargeFilesJob): Promise<LargeFiles> {
  const result = await pool.run({ ...job, kind: 'large files' });
  if (result.kind !== 'large files') throw new Error(`the look for large files ended as ${result.kind}`);
  return result;
}

/** Makes a segment of the new objects of a push, and their rows. @throws {PushRefused} @throws the reason of the signal. */
export async function importPushed(pool: ImportPool, input: ImportInput): Promise<Imported> {
  const { quarantine, place } = input;
  const received = await quarantine.receivedPack();
  const imported = received && (await importFrom(pool, input, received));
  return imported ?? (await importFrom(pool, input, await quarantine.packAll(place))) ?? refuseIncomplete();
}

/** @returns null when an object is not in the pack. */
async function importFrom(pool: ImportPool, input: ImportInput, paths: PackPaths): Promise<Imported | null> {
  const { listing, signal, limits } = input;
  const { size: idxBytes } = await stat(paths.idxPath);
  if (idxBytes > MAX_IDX_BYTES) throw tooManyObjects();
  const jobs = jobsOf(input, paths);
  const isSmall =
    listing.totalBytes <= INLINE_BYTES && listing.objectCount <= INLINE_OBJECTS && idxBytes <= INLINE_BYTES;
  const inline = isSmall ? importObjects({ ...jobs[0]!, limits: INLINE_LIMITS }) : null;
  // Small objects may build on large ones.
  const isDone = inline && inline.kind !== 'too hard';
  const results = isDone ? [inline] : await runAll(pool, jobs, signal);
  signal.throwIfAborted();
  if (results.some(({ kind }) => kind === 'incomplete')) return null;
  const parts = results.map(importedOf);
  const all = joined(parts);
  requireGoodTrees(all, limits.refName);
  return { ...all, ...(await segmentOf(jobs[0]!, parts[0]!)) };
}

/** In as many threads as there are jobs. @throws the reason of the signal. */
async function runAll(
  pool: ImportPool,
  jobs: readonly ImportJob[],
  signal: AbortSignal,
): Promise<readonly ImportResult[]> {
  const stop = (): void => {
    for (const { isOver } of jobs) Atomics.store(isOver, 0, 1);
  };
  signal.addEventListener('abort', stop, { once: true });
  try {
    signal.throwIfAborted();
    const results = jobs.map((job) => pool.run({ ...job, kind: 'import' }));
    // Not before all have ended: they use files of the push.
    await Promise.allSettled(results);
    return (await Promise.all(results)).map((result) => {
      if (result.kind === 'walked' || result.kind === 'large files')
        throw new Error(`the import of a push ended as ${result.kind}`);
      return result;
    });
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

/** One, or several for parts of a pack that stays as it is. */
function jobsOf(input: ImportInput, paths: PackPaths): readonly ImportJob[] {
  const { quarantine, listing, walked, storeId, segmentId, generations, userId, userEmails, limits } = input;
  const { objectCount, totalBytes } = listing;
  const staysAsItIs = walked?.isWholePack === true;
  const partCount = staysAsItIs ? Math.min(MAX_THREADS, Math.ceil(objectCount / MIN_PART_OBJECTS)) : 1;
  const objects: readonly ImportJob['objects'][] = walked
    ? partsOf(walked.objects, partCount)
    : [{ listPath: quarantine.listPath, objectCount }];
  return Array.from(objects, (part, i) => ({
    ...paths,
    objects: part,
    segmentPath: staysAsItIs ? null : quarantine.path('segment.pack'),
    objectRowsPath: quarantine.path(`objects-${i}.rows`),
    commitRowsPath: quarantine.path(`commits-${i}.rows`),
    storeId,
    segmentId,
    generations,
    userId,
    userEmails,
    limits: {
      objectBytes: Math.max(limits.fileBytes, MIN_OBJECT_BYTES),
      cacheBytes: CACHE_BYTES,
      workBytes: MIN_WORK_BYTES + WORK_TIMES * totalBytes,
    },
    isOver: new Int32Array(new SharedArrayBuffer(4)),
  }));
}

function importedOf(result: ImportResult): ImportedObjects {
  if (result.kind === 'too hard') throw tooMuch(result.costs);
  if (result.kind === 'corrupt') throw new Error(`what git took in cannot be read: ${result.message}`);
  if (result.kind !== 'done') throw new Error(`the import of a push ended as ${result.kind}`);
  return result.imported;
}

function joined(parts: readonly ImportedObjects[]): Omit<ImportedObjects, 'segment'> {
  return {
    tags: new Map(parts.flatMap(({ tags }) => [...tags])),
    pointers: parts.flatMap(({ pointers }) => pointers),
    objectRows: parts.flatMap(({ objectRows }) => objectRows),
    commitRows: parts.flatMap(({ commitRows }) => commitRows),
    blobBytes: parts.reduce((sum, { blobBytes }) => sum + blobBytes, 0),
    fullFolders: parts.flatMap(({ fullFolders }) => fullFolders),
    longNames: parts.flatMap(({ longNames }) => longNames),
  };
}

async function segmentOf(
  { packPath, idxPath, segmentPath }: ImportJob,
  { segment }: ImportedObjects,
): Promise<Omit<SegmentFiles, 'id' | 'objectCount'>> {
  if (segmentPath !== null && segment) {
    const { packBytes, packSum, idx } = segment;
    return { packPath: segmentPath, packBytes, packSum: Buffer.from(packSum), idx: Buffer.from(idx.buffer) };
  }
  const [{ size }, idx] = await Promise.all([stat(packPath), readFile(idxPath)]);
  return { packPath, packBytes: size, packSum: packSumOf(idx), idx };
}

function refuseIncomplete(): never {
  throw new Error('git packed all objects of a push, and one is missing');
}
