import { LRUCache } from 'lru-cache';
import type { SqlExecutor } from '../../db/sql.ts';
import type { Log } from '../../lib/log.ts';
import { recordTokenUse } from './credential.queries.ts';

const WRITE_DELAY_MS = 1000;
const SILENT_MS = 60_000;
const MAX_REMEMBERED = 50_000;

/** Keeps `last_used_at` of tokens: written behind the requests, in batches, at most once a minute for each token. */
export class TokenUse {
  readonly #sql: SqlExecutor;
  readonly #log: Log;
  readonly #recent = new LRUCache<number, true>({ max: MAX_REMEMBERED, ttl: SILENT_MS });
  #pending = new Map<number, Date>();
  #timer: NodeJS.Timeout | undefined;

  constructor(sql: SqlExecutor, log: Log) {
    this.#sql = sql;
    this.#log = log;
  }

  /** Notes that the token was used just now. Costs the request no statement. */
  note(tokenId: number): void {
    if (this.#recent.has(tokenId)) return;
    this.#recent.set(tokenId, true);
    this.#pending.set(tokenId, new Date());
    this.#timer ??= setTimeout(() => void this.flush(), WRITE_DELAY_MS).unref();
  }

  /** Writes what was noted. A failure is logged: the time of last use is not worth a failing request. */
  async flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const uses = [...this.#pending].map(([tokenId, usedAt]) => ({ tokenId, usedAt }));
    this.#pending = new Map();
    if (uses.length === 0) return;
    try {
      await recordTokenUse(this.#sql, uses);
    } catch (error) {
      this.#log.warn(`The last use of ${uses.length} tokens was not written: ${String(error)}`);
    }
  }
}
