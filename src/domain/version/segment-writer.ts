import type { SqlExecutor, SqlTransaction } from '../../db/sql.ts';
import type { ObjectStore } from '../../storage/object-store.ts';
import type { Segment } from './segment.ts';
import { INLINE_SEGMENT_BYTES, newSegmentStorageKey, segmentObjectKeys } from './segment.ts';

/** How long bytes without a row are left alone; longer than any write may take. */
const INTENT_TTL_HOURS = 24;

/**
 * Makes the bytes of segments durable before their rows exist. An intent row goes first, so that whatever a crash leaves
 * behind is found and removed; `settle` takes the intents back in the transaction that publishes the segments.
 */
export class SegmentWriter {
  readonly #sql: SqlExecutor;
  readonly #store: ObjectStore;
  readonly #storeId: number;
  readonly #intents: string[] = [];

  constructor(sql: SqlExecutor, store: ObjectStore, storeId: number) {
    this.#sql = sql;
    this.#store = store;
    this.#storeId = storeId;
  }

  /** The segment with its bytes in the object store, or unchanged when it is small enough to go into its row. */
  async makeDurable(segment: Segment): Promise<Segment> {
    if (isInlineSize(segment)) return segment;
    const storageKey = newSegmentStorageKey(this.#storeId);
    const keys = segmentObjectKeys(storageKey);
    await this.announce([keys.pack, keys.idx]);
    await Promise.all([
      this.#store.put(keys.pack, segment.pack.pack, { sizeBytes: segment.pack.pack.length }),
      this.#store.put(keys.idx, segment.pack.idx, { sizeBytes: segment.pack.idx.length }),
    ]);
    return { ...segment, storageKey };
  }

  /** Part of the publishing transaction: from now on rows name the bytes. */
  async settle(tx: SqlTransaction): Promise<void> {
    if (this.#intents.length === 0) return;
    const removed = await tx.execute({
      text: 'delete from storage_intent where key = any($1::text[])',
      values: [this.#intents],
    });
    if (removed !== this.#intents.length) {
      throw new Error('the write took so long that its bytes were swept away');
    }
  }

  private async announce(keys: readonly string[]): Promise<void> {
    await this.#sql.execute({
      name: 'announce-bytes',
      text: `
        insert into storage_intent (key, store_id, expires_at)
        select key, $2, now() + make_interval(hours => $3) from unnest($1::text[]) as key`,
      values: [keys, this.#storeId, INTENT_TTL_HOURS],
    });
    this.#intents.push(...keys);
  }
}

/** Whether the segment's bytes go into its row. */
export function isInlineSize(segment: Segment): boolean {
  return segment.pack.pack.length <= INLINE_SEGMENT_BYTES;
}
