import { LRUCache } from 'lru-cache';
import type { Log } from '../../lib/log.ts';

const WRITE_DELAY_MS = 1000;
const SILENT_MS = 60_000;
const MAX_REMEMBERED = 50_000;

/** When something with an id was used. */
export interface Use {
  readonly id: number;
  readonly usedAt: Date;
}

export interface LastUseOptions {
  /** Moves the time of last use of many forward. */
  readonly record: (uses: readonly Use[]) => Promise<void>;
  readonly log: Log;
}

/** Keeps `last_used_at` of credentials: written behind the requests, in batches, at most once a minute for each. */
export class LastUse {
  readonly #options: LastUseOptions;
  readonly #recent = new LRUCache<number, true>({ max: MAX_REMEMBERED, ttl: SILENT_MS });
  #pending = new Map<number, Date>();
  #timer: NodeJS.Timeout | undefined;
  #writing = Promise.resolve();

  constructor(options: LastUseOptions) {
    this.#options = options;
  }

  /** Notes that the credential was used just now. Costs the request no statement. */
  note(id: number): void {
    if (this.#recent.has(id)) return;
    this.#recent.set(id, true);
    this.#pending.set(id, new Date());
    this.#timer ??= setTimeout(() => void this.flush(), WRITE_DELAY_MS).unref();
  }

  /** Resolves when all that was noted before is written. */
  async flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const uses = [...this.#pending].map(([id, usedAt]) => ({ id, usedAt }));
    this.#pending = new Map();
    // The timer may be writing: who closes the database waits for that too.
    if (uses.length > 0) this.#writing = this.#writing.then(() => this.write(uses));
    await this.#writing;
  }

  /** A failure is logged: the time of last use is not worth a failing request. */
  private async write(uses: readonly Use[]): Promise<void> {
    try {
      await this.#options.record(uses);
    } catch (error) {
      this.#options.log.warn(`The last use of ${uses.length} credentials was not written: ${String(error)}`);
    }
  }
}
