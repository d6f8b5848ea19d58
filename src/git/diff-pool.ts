import { WorkerPool } from '../lib/worker-pool.ts';

/** The contents of a file before and after; empty for a file that is not there. */
export interface TextPair {
  readonly before: Uint8Array<ArrayBuffer>;
  readonly after: Uint8Array<ArrayBuffer>;
}

/** Null when one side is binary. */
export type TextDiff = {
  readonly text: Uint8Array<ArrayBuffer>;
  readonly addedLines: number;
  readonly deletedLines: number;
} | null;

export interface DiffJob {
  readonly pairs: readonly TextPair[];
  /** For all pairs together. */
  readonly timeMs: number;
}

export type DiffJobResult = readonly TextDiff[];

const WORKER_FILE = new URL('./diff-worker.ts', import.meta.url);
/** Differences that are found later are coarse, see `diffLines`. */
const TIME_MS = 1000;
const HEAP_MB = 512;

/** Threads that compare texts: a hostile pair of files costs one of them a second, and the process nothing. */
export class DiffPool {
  readonly #pool = new WorkerPool<DiffJob, DiffJobResult>({
    workerFile: WORKER_FILE,
    name: 'diff',
    maxWorkers: 2,
    resourceLimits: { maxOldGenerationSizeMb: HEAP_MB },
  });

  /** One answer per pair, in their order. Contents are copied to the thread. */
  async diff(pairs: readonly TextPair[]): Promise<readonly TextDiff[]> {
    return pairs.length === 0 ? [] : this.#pool.run({ pairs, timeMs: TIME_MS });
  }

  async close(): Promise<void> {
    await this.#pool.close();
  }
}
