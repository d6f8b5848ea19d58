import type { SqlExecutor, SqlTransaction } from '../../db/sql.ts';
import type { ObjectKey, ObjectStore } from '../../storage/object-store.ts';
import { Unavailable } from '../errors.ts';
import { announceBytes, settleBytes } from '../storage/intent.queries.ts';
import type { Segment } from './segment.ts';
import { INLINE_SEGMENT_BYTES, newSegmentStorageKey, segmentObjectKeys } from './segment.ts';

/**
 * Makes the bytes of segments durable before their rows exist. An intent row goes first, so that whatever a crash leaves
 * behind is found and removed; `settle` takes the intents back in the transaction that publishes the segments. What is never
 * published keeps its intent, until the sweep.
 */
export class SegmentWriter {
  readonly #sql: SqlExecutor;
  readonly #store: ObjectStore;
  readonly #storeId: number;

  constructor(sql: SqlExecutor, store: ObjectStore, storeId: number) {
    this.#sql = sql;
    this.#store = store;
    this.#storeId = storeId;
  }

  /** The segment with its bytes in the object store, or unchanged when it is small enough to go into its row. */
  async makeDurable(segment: Segment): Promise<Segment> {
    if (segment.storageKey !== null || isInlineSize(segment)) return segment;
    const { pack, idx, ...index } = segment;
    const storageKey = newSegmentStorageKey(this.#storeId);
    const keys = segmentObjectKeys(storageKey);
    for (const key of [keys.pack, keys.idx]) await announceBytes(this.#sql, key);
    await Promise.all([
      this.#store.put(keys.pack, pack, { sizeBytes: pack.length }),
      this.#store.put(keys.idx, idx, { sizeBytes: idx.length }),
    ]);
    return { ...index, storageKey };
  }

  /** Part of the transaction that publishes these segments: from now on rows name their bytes. */
  async settle(tx: SqlTransaction, segments: readonly Segment[]): Promise<void> {
    for (const key of segments.flatMap(keysOf)) {
      if (!(await settleBytes(tx, key))) throw new Unavailable('The commit took too long. Try again.');
    }
  }
}

function keysOf({ storageKey }: Segment): readonly ObjectKey[] {
  return storageKey === null ? [] : Object.values(segmentObjectKeys(storageKey));
}

/** Whether the segment's bytes go into its row. */
export function isInlineSize(segment: Segment): boolean {
  return segment.packBytes <= INLINE_SEGMENT_BYTES;
}
