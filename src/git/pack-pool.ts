import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';

import { concatenate, packBlobsHere, toPackedBlobs } from './packed-blobs.ts';
import type { PackedBlobs, PackJob, PackJobResult } from './packed-blobs.ts';

export type { PackedBlobs } from './packed-blobs.ts';

export interface PackPoolOptions {
  /** At most this many threads; by default one per core, two to four. */
  readonly maxWorkers?: number;
  /** A thread that had nothing to do for so long is stopped. */
  readonly idleMs?: number;
  /** The worker's source file. */
  readonly workerFile?: URL;
}

interface Job {
  readonly blobs: readonly Uint8Array[];
  readonly resolve: (result: PackedBlobs) => void;
  readonly reject: (error: Error) => void;
}

/** Less than this is packed at once in the caller's thread: at most about 4 ms. */
const INLINE_BYTES = 256 * 1024;
const INLINE_BLOBS = 50;

const DEFAULT_IDLE_MS = 10_000;

/**
 * Threads that hash, deflate and pack blobs, so that large commits do not block the process. Threads start when needed and
 * do not keep the process alive while they are idle. A job occupies one thread; split what should use several.
 */
export class PackPool {
  readonly #maxWorkers: number;
  readonly #idleMs: number;
  readonly #workerFile: URL;
  readonly #workers = new Set<PackThread>();
  readonly #queue: Job[] = [];
  #closed = false;

  constructor(options: PackPoolOptions = {}) {
    this.#maxWorkers = options.maxWorkers ?? Math.min(Math.max(availableParallelism(), 2), 4);
    this.#idleMs = options.idleMs ?? DEFAULT_IDLE_MS;
    this.#workerFile = options.workerFile ?? new URL('./pack-worker.ts', import.meta.url);
  }

  /** How many threads run now, busy or idle. */
  get workerCount(): number {
    return this.#workers.size;
  }

  /**
   * One segment with all blobs. Do not change `blobs` before the promise settles.
   *
   * @throws {Error} when the thread dies or the pool is closed; other jobs are not affected by a dying thread.
   */
  async packBlobs(blobs: readonly Uint8Array[]): Promise<PackedBlobs> {
    if (isSmall(blobs)) return packBlobsHere(blobs);
    if (this.#closed) throw new Error('the pack pool is closed');
    return new Promise((resolve, reject) => {
      this.#queue.push({ blobs, resolve, reject });
      this.#dispatch();
    });
  }

  /** Stops all threads; jobs that are not done are rejected. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const job of this.#queue.splice(0)) job.reject(new Error('the pack pool is closed'));
    await Promise.all(Array.from(this.#workers, (worker) => worker.stop()));
  }

  #dispatch(): void {
    while (this.#queue.length > 0) {
      const worker = this.#freeWorker();
      if (!worker) return;
      worker.run(this.#queue.shift()!);
    }
  }

  #freeWorker(): PackThread | undefined {
    for (const worker of this.#workers) if (worker.isIdle) return worker;
    if (this.#workers.size >= this.#maxWorkers) return undefined;
    const worker: PackThread = new PackThread({
      file: this.#workerFile,
      idleMs: this.#idleMs,
      onFree: () => this.#dispatch(),
      onExit: () => {
        this.#workers.delete(worker);
        this.#dispatch();
      },
    });
    this.#workers.add(worker);
    return worker;
  }
}

interface PackThreadOptions {
  readonly file: URL;
  readonly idleMs: number;
  readonly onFree: () => void;
  readonly onExit: () => void;
}

class PackThread {
  readonly #worker: Worker;
  readonly #options: PackThreadOptions;
  #job: Job | undefined;
  #idleTimer: NodeJS.Timeout | undefined;
  #isStopped = false;

  constructor(options: PackThreadOptions) {
    this.#options = options;
    // Flags of the main program, such as --eval or --inspect-brk, are not meant for its threads.
    this.#worker = new Worker(options.file, { execArgv: [] });
    this.#worker.on('message', (result: PackJobResult) => this.#finish(result));
    this.#worker.on('error', (error: unknown) =>
      this.#fail(new Error('a pack worker failed', { cause: error })),
    );
    this.#worker.on('messageerror', () => void this.stop());
    this.#worker.on('exit', (code) => {
      this.#fail(new Error(`a pack worker stopped with code ${code}`));
      options.onExit();
    });
  }

  get isIdle(): boolean {
    return this.#job === undefined && !this.#isStopped;
  }

  run(job: Job): void {
    clearTimeout(this.#idleTimer);
    this.#job = job;
    this.#worker.ref();
    const message: PackJob = concatenate(job.blobs);
    this.#worker.postMessage(message, [message.bytes.buffer, message.sizes.buffer]);
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    clearTimeout(this.#idleTimer);
    await this.#worker.terminate();
  }

  #finish(result: PackJobResult): void {
    const job = this.#job!;
    this.#job = undefined;
    this.#worker.unref();
    this.#idleTimer = setTimeout(() => void this.stop(), this.#options.idleMs).unref();
    job.resolve(
      toPackedBlobs(
        result,
        job.blobs.map((blob) => blob.length),
      ),
    );
    this.#options.onFree();
  }

  #fail(error: Error): void {
    this.#isStopped = true;
    this.#job?.reject(error);
    this.#job = undefined;
  }
}

function isSmall(blobs: readonly Uint8Array[]): boolean {
  if (blobs.length >= INLINE_BLOBS) return false;
  return blobs.reduce((sum, blob) => sum + blob.length, 0) < INLINE_BYTES;
}
