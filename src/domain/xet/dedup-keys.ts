import { createHmac } from 'node:crypto';

/** What an answer to a deduplication query is made with. */
export interface DedupKey {
  /** 32 bytes that hide the hashes of chunks. */
  readonly hmacKey: Buffer;
  readonly createdAt: Date;
  /** Clients use the answer until then. */
  readonly expiresAt: Date;
}

const DAY_MS = 86_400_000;
/** Well inside the lease of the xorbs that an answer names (`XORB_LEASE_DAYS`), which begins anew with each answer. */
const KEY_LIFE_DAYS = 8;

/** One key a day, the same on every node and after a restart. */
export class DedupKeys {
  readonly #secret: Buffer;

  /** @param secret at least 32 random bytes. */
  constructor(secret: Uint8Array) {
    this.#secret = Buffer.from(secret);
  }

  /** The key of the day, in UTC. */
  at(now = Date.now()): DedupKey {
    const day = Math.floor(now / DAY_MS);
    return {
      hmacKey: createHmac('sha256', this.#secret).update(`xet-dedup-v1.${day}`).digest(),
      createdAt: new Date(day * DAY_MS),
      expiresAt: new Date((day + KEY_LIFE_DAYS) * DAY_MS),
    };
  }
}
