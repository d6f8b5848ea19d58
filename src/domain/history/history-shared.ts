import { LRUCache } from 'lru-cache';
import { DiffPool, type TextDiff } from '../../git/diff-pool.ts';
import { Unavailable } from '../errors.ts';
import type { Divergence } from './divergence.ts';

/** What comparisons of all requests share. Both caches hold what follows from ids, so nothing in them is ever stale. */
export interface HistoryShared {
  readonly diffs: DiffPool;
  /** By `<storeId>:<old blob>:<new blob>`; weighed by bytes. */
  readonly texts: LRUCache<string, { readonly diff: TextDiff }>;
  /** By `<storeId>:<base commit>:<head commit>`; weighed by commits. */
  readonly divergences: LRUCache<string, Divergence>;
  readonly slots: DiffSlots;
  /** Ends the threads. */
  close(): Promise<void>;
}

const MAX_TEXT_BYTES = 16 * 1024 * 1024;
const MAX_COMMITS = 200_000;

export function createHistoryShared(): HistoryShared {
  const diffs = new DiffPool();
  return {
    diffs,
    texts: new LRUCache({
      maxSize: MAX_TEXT_BYTES,
      sizeCalculation: ({ diff }) => (diff?.text.length ?? 0) + 200,
    }),
    divergences: new LRUCache({
      maxSize: MAX_COMMITS,
      sizeCalculation: ({ ahead, behind }) => ahead.length + behind.length + 1,
    }),
    slots: new DiffSlots(),
    close: () => diffs.close(),
  };
}

/** Pages of texts that are made at the same time; each holds some megabytes. */
const MAX_RUNNING = 4;
const MAX_WAITING = 100;
const RETRY_AFTER_SECONDS = 5;

/** Bounds how much memory comparisons take together. Who comes first goes first. */
export class DiffSlots {
  readonly #waiters: (() => void)[] = [];
  #running = 0;

  /** @throws {Unavailable} when too many wait already. */
  async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.#running < MAX_RUNNING) this.#running++;
    else await this.wait();
    try {
      return await work();
    } finally {
      const next = this.#waiters.shift();
      if (next) next();
      else this.#running--;
    }
  }

  private wait(): Promise<void> {
    if (this.#waiters.length >= MAX_WAITING) {
      throw new Unavailable('The hub is busy with other comparisons. Try again in a moment.', {
        retryAfterSeconds: RETRY_AFTER_SECONDS,
      });
    }
    return new Promise((resolve) => {
      this.#waiters.push(resolve);
    });
  }
}
