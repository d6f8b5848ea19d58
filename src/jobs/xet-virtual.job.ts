import type { SharedDeps } from '../domain/deps.ts';
import { findUnpresentedBlob, type PlainBlob } from '../domain/xet/virtual-xorbs.queries.ts';
import { chunkBlob, type ChunkLease, saveVirtualXorbs } from '../domain/xet/virtual-xorbs.ts';
import type { Sha256 } from '../lib/sha256.ts';
import { chunkPool } from '../xet/chunk-pool.ts';
import type { Job } from './job.ts';

export type VirtualDeps = Pick<SharedDeps, 'sql' | 'store' | 'log'>;

/** The chunks of a blob are in memory while it is read, 36 bytes for each 64 KiB or so: 300 MB for the largest. */
const MAX_BLOB_BYTES = 512 * 2 ** 30;
/** A blob that could not be read waits so long. */
const RETRY_MS = 3_600_000;
/** Bounds one run: what is left waits for the next. */
const MAX_BLOBS = 1000;

/**
 * Gives blobs that were uploaded by LFS a second form: rows that present their bytes as xorbs. Clients that know Xet then
 * download them in parallel, and later uploads find their chunks. A run that dies loses the work on one blob.
 */
export class VirtualXorbs {
  /** When to try the blobs again that could not be read. A run ends with the first of them, so these are few. */
  readonly #retryAt = new Map<Sha256, number>();

  /** @returns how many blobs have a Xet hash now. Ends early, without an error, when `signal` is aborted. */
  async run(deps: VirtualDeps, signal: AbortSignal): Promise<number> {
    const first = await this.next(deps);
    if (!first) return 0;
    const pool = chunkPool();
    try {
      return await this.runFrom(deps, first, { lease: await pool.lease(), signal });
    } finally {
      await pool.close();
    }
  }

  private async runFrom(
    deps: VirtualDeps,
    first: PlainBlob,
    work: { readonly lease: ChunkLease; readonly signal: AbortSignal },
  ): Promise<number> {
    let count = 0;
    for (let blob: PlainBlob | null = first; blob && count < MAX_BLOBS; blob = await this.next(deps)) {
      if (work.signal.aborted || !(await this.add(deps, blob, work))) break;
      count++;
    }
    return count;
  }

  /** False when it failed: what keeps one blob from being read may keep all. */
  private async add(
    { sql, store, log }: VirtualDeps,
    blob: PlainBlob,
    work: { readonly lease: ChunkLease; readonly signal: AbortSignal },
  ): Promise<boolean> {
    try {
      await saveVirtualXorbs(sql, blob, await chunkBlob(store, blob, work));
      return true;
    } catch (error) {
      if (work.signal.aborted) return false;
      this.#retryAt.set(blob.sha256, Date.now() + RETRY_MS);
      log.error({ err: error, sha256: blob.sha256 }, 'an LFS object could not be read for Xet');
      return false;
    }
  }

  private next({ sql }: VirtualDeps): Promise<PlainBlob | null> {
    const now = Date.now();
    for (const [sha256, retryAt] of this.#retryAt) if (retryAt <= now) this.#retryAt.delete(sha256);
    return findUnpresentedBlob(sql, { except: [...this.#retryAt.keys()], maxBytes: MAX_BLOB_BYTES });
  }
}

export function xetVirtualJob(): Job {
  const virtualXorbs = new VirtualXorbs();
  return {
    name: 'xet-virtual',
    intervalMs: 15_000,
    run: (deps, signal) => virtualXorbs.run(deps, signal),
  };
}
