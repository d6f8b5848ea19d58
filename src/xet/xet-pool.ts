import { availableParallelism } from 'node:os';

import { type WorkerLease, WorkerPool } from '../lib/worker-pool.ts';
import type { ContentDigest, TermEntries } from './file-check.ts';
import { type ShardOutline, sliceOutline } from './shard-outline.ts';
import {
  type OpenBody,
  ownMemory,
  type ResultOf,
  toVerifiedXorb,
  type XetJob,
  type XetJobResult,
} from './xet-job.ts';
import type { XetHash } from './xet-hash.ts';
import type { VerifiedXorb } from './xorb.ts';

export interface XetPoolOptions {
  /** At most this many threads; by default one per core, three to six: checks of files may hold two for a long time. */
  readonly maxWorkers?: number;
  /** A thread that had nothing to do for so long is stopped. */
  readonly idleMs?: number;
}

/** A xorb that was verified. */
export interface PooledXorb extends VerifiedXorb {
  /** See `xorbForm`. */
  readonly form: Uint8Array;
}

const WORKER_FILE = new URL('./xet-worker.ts', import.meta.url);

/** Threads that look at what Xet clients upload: hashes, decompression and parsing never happen in the main thread. */
export class XetPool {
  readonly #pool: WorkerPool<XetJob, XetJobResult>;

  constructor({ maxWorkers, idleMs }: XetPoolOptions = {}) {
    this.#pool = new WorkerPool({
      workerFile: WORKER_FILE,
      name: 'xet',
      maxWorkers: maxWorkers ?? Math.min(Math.max(availableParallelism(), 3), 6),
      idleMs,
    });
  }

  /**
   * Checks an uploaded xorb completely. Keep the file open meanwhile.
   *
   * @throws {BadRequest} naming the chunk and the rule it breaks. @throws {Error} a thread died, or the pool was closed.
   */
  async verifyXorb({ fd, sizeBytes }: OpenBody, hash: XetHash): Promise<PooledXorb> {
    const result = await this.#pool.run({ kind: 'verifyXorb', fd, sizeBytes, hash });
    const verified = result as ResultOf<'verifyXorb'>;
    return { ...toVerifiedXorb(verified), form: verified.form };
  }

  /**
   * Parses an uploaded shard. `bytes` are moved to a thread: do not use them any more.
   *
   * @throws {BadRequest} for anything that is not a shard. @throws {PayloadTooLarge} too many files or terms. @throws {Error}
   */
  async outlineShard(bytes: Buffer): Promise<ShardOutline> {
    const memory = ownMemory(bytes);
    const result = await this.#pool.run({ kind: 'outlineShard', bytes: memory }, [memory]);
    const { files, terms } = result as ResultOf<'outlineShard'>;
    return { files, terms };
  }

  /** Takes a thread for the check of files, one after another. Release it in a `finally`. @throws {Error} the pool was closed. */
  async openFileCheck(): Promise<FileCheck> {
    return new FileCheck(await this.#pool.lease());
  }

  /** Stops all threads; what is not done is rejected. */
  async close(): Promise<void> {
    await this.#pool.close();
  }
}

/**
 * One thread that checks files: `begin`, its terms in order, `endTerms`, its bytes in order, `digest`. Everything throws {BadRequest} for
 * what the uploader did wrong and {Error} for everything else; the file is refused then, and the next may begin.
 */
export class FileCheck {
  readonly #lease: WorkerLease<XetJob, XetJobResult>;

  constructor(lease: WorkerLease<XetJob, XetJobResult>) {
    this.#lease = lease;
  }

  /** @param file its hash, and the number of chunks in its terms: the thread needs 36 bytes for each. */
  async begin(file: { readonly hash: XetHash; readonly chunkCount: number }): Promise<void> {
    await this.#lease.run({ kind: 'beginFile', hash: file.hash, chunkCount: file.chunkCount });
  }

  /**
   * Checks `count` terms from number `first` of the shard. The entries are moved to the thread: do not use them any more.
   *
   * @param entries what the hub's own indexes say of these terms and their chunks.
   * @returns the terms and where they lie in their xorbs: see `encodeTerms`.
   */
  async addTerms(
    shard: { readonly outline: ShardOutline; readonly first: number; readonly count: number },
    entries: TermEntries,
  ): Promise<Buffer> {
    const outline = sliceOutline(shard.outline, shard.first, shard.count);
    const result = await this.#lease.run({ kind: 'addTerms', outline, count: shard.count, entries }, [
      outline.terms.buffer,
      entries.bytes.buffer,
      entries.starts.buffer,
    ]);
    return Buffer.from((result as ResultOf<'addTerms'>).terms.buffer);
  }

  /** Compares the file's hash. @returns the raw hash of the first chunk; null for a file without chunks. */
  async endTerms(): Promise<Buffer | null> {
    const { firstChunk } = (await this.#lease.run({ kind: 'endTerms' })) as ResultOf<'endTerms'>;
    return firstChunk && Buffer.from(firstChunk);
  }

  /**
   * Hashes the next bytes, which may end in the middle of a chunk. They are moved to the thread: do not use them any more.
   *
   * @param kind `addChunks` for serialized chunks, `addContent` for bytes of the file itself.
   */
  async addPiece(kind: 'addChunks' | 'addContent', piece: Buffer): Promise<void> {
    const memory = ownMemory(piece);
    await this.#lease.run({ kind, piece: memory }, [memory]);
  }

  /** What all pieces together are. */
  async digest(): Promise<ContentDigest> {
    const { sha256, sizeBytes } = (await this.#lease.run({ kind: 'endContent' })) as ResultOf<'endContent'>;
    return { sha256, sizeBytes };
  }

  /** Gives the thread back. */
  release(): void {
    this.#lease.release();
  }
}
