import { WorkerPool } from '../lib/worker-pool.ts';
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

/** Less than this is packed at once in the caller's thread: at most about 4 ms. */
const INLINE_BYTES = 256 * 1024;
const INLINE_BLOBS = 50;

const WORKER_FILE = new URL('./pack-worker.ts', import.meta.url);

/**
 * Threads that hash, deflate and pack blobs, so that large commits do not block the process. A job occupies one thread;
 * split what should use several.
 */
export class PackPool {
  readonly #pool: WorkerPool<PackJob, PackJobResult>;

  constructor(options: PackPoolOptions = {}) {
    this.#pool = new WorkerPool({ workerFile: WORKER_FILE, name: 'pack', ...options });
  }

  /** How many threads run now, busy or idle. */
  get workerCount(): number {
    return this.#pool.workerCount;
  }

  /**
   * One segment with all blobs. Do not change `blobs` before the promise settles.
   *
   * @throws {Error} when the thread dies or the pool is closed; other jobs are not affected by a dying thread.
   */
  async packBlobs(blobs: readonly Uint8Array[]): Promise<PackedBlobs> {
    if (isSmall(blobs)) return packBlobsHere(blobs);
    const result = await this.packInThread(blobs);
    return toPackedBlobs(
      result,
      blobs.map((blob) => blob.length),
    );
  }

  /** Stops all threads; jobs that are not done are rejected. */
  async close(): Promise<void> {
    await this.#pool.close();
  }

  /** The blobs are copied only when a thread is free: those that wait are in memory once. */
  private async packInThread(blobs: readonly Uint8Array[]): Promise<PackJobResult> {
    const lease = await this.#pool.lease();
    try {
      const job = concatenate(blobs);
      return await lease.run(job, [job.bytes.buffer, job.sizes.buffer]);
    } finally {
      lease.release();
    }
  }
}

function isSmall(blobs: readonly Uint8Array[]): boolean {
  if (blobs.length >= INLINE_BLOBS) return false;
  return blobs.reduce((sum, blob) => sum + blob.length, 0) < INLINE_BYTES;
}
