import { WorkerPool } from '../lib/worker-pool.ts';
import type { ChunkPack } from './pack-chunks.ts';
import type { XetHash } from './xet-hash.ts';

/** Some bytes of a file. A lease's jobs are one file after the other, each from its first to its last bytes. */
export interface ChunkJob {
  /** Moved to the thread. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly isFirst: boolean;
  readonly isLast: boolean;
}

/** A file that was cut into chunks. */
export interface ChunkedFile {
  readonly hash: XetHash;
  /** What the bytes really are, in hexadecimal digits. */
  readonly sha256: string;
  /** As in `ChunkList`; between threads a `Buffer` becomes this. */
  readonly hashes: Uint8Array;
  readonly lengths: Uint32Array;
  readonly packs: readonly ChunkPack[];
}

/** What becomes of a job. */
export interface ChunkAnswer {
  /** Moved back, to be filled again: memory that is new costs a page fault for every 4 KiB. */
  readonly buffer: ArrayBuffer;
  /** Null for all jobs of a file but its last. */
  readonly file: ChunkedFile | null;
}

export type ChunkPool = WorkerPool<ChunkJob, ChunkAnswer>;

/** A thread that cuts files into chunks, when nothing else has to be done. */
export function chunkPool(): ChunkPool {
  return new WorkerPool({
    workerFile: new URL('chunk-worker.ts', import.meta.url),
    name: 'chunk',
    maxWorkers: 1,
  });
}
