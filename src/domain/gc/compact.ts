import type { Sql } from '../../db/sql.ts';
import type { ObjectStore } from '../../storage/object-store.ts';
import { Unavailable } from '../errors.ts';
import { announceBytes, settleBytes } from '../storage/intent.queries.ts';
import { INLINE_SEGMENT_BYTES, newSegmentStorageKey, segmentObjectKeys } from '../version/segment.ts';
import { holdStore } from '../version/store-hold.queries.ts';
import { replaceEmptySegments } from './collect.queries.ts';
import { type CompactSegment, type LiveEntry, moveObjects, readEntries } from './compact.queries.ts';
import { MAX_SEGMENT_BYTES, MAX_SEGMENT_OBJECTS, type SegmentFacts } from './compaction-plan.ts';
import { PackCopy } from './pack-copy.ts';

export interface Compacted {
  /** Segments that no object lies in any more. */
  readonly replacedSegments: number;
  readonly newSegments: number;
  readonly writtenBytes: number;
}

export const NOTHING_COMPACTED: Compacted = { replacedSegments: 0, newSegments: 0, writtenBytes: 0 };

export interface CompactionDeps {
  readonly sql: Sql;
  readonly store: ObjectStore;
}

/**
 * Copies what objects still lie in these segments into new ones, and lets the rows point there. Each new segment is one step:
 * first its bytes, then one transaction for its row, its objects and the segments that became empty. Readers never notice, because
 * the bytes of replaced segments stay for a while; writers wait for a step only when they bring objects that it moves.
 */
export async function mergeSegments(
  deps: CompactionDeps,
  storeId: number,
  { segments, signal }: { readonly segments: readonly SegmentFacts[]; readonly signal?: AbortSignal },
): Promise<Compacted> {
  const sourceIds = segments.map((segment) => segment.id);
  let done = NOTHING_COMPACTED;
  for await (const entries of parts(deps.sql, storeId, sourceIds)) {
    if (signal?.aborted) break;
    const segment = await copyEntries(deps, storeId, { entries, sourceIds });
    const replaced = await publish(deps.sql, storeId, segment);
    done = {
      replacedSegments: done.replacedSegments + replaced,
      newSegments: done.newSegments + 1,
      writtenBytes: done.writtenBytes + segment.packBytes,
    };
  }
  // Those that nothing lay in to begin with, such as a file that was uploaded again.
  const replaced = await deps.sql.transaction((tx) => replaceEmptySegments(tx, storeId, sourceIds));
  return { ...done, replacedSegments: done.replacedSegments + replaced };
}

/** Objects of the new segments, one after the other. */
async function* parts(
  sql: Sql,
  storeId: number,
  sourceIds: readonly number[],
): AsyncGenerator<readonly LiveEntry[]> {
  let part: LiveEntry[] = [];
  let bytes = 0;
  for await (const entry of liveEntries(sql, storeId, sourceIds)) {
    const isFull = bytes + entry.packedBytes > MAX_SEGMENT_BYTES || part.length >= MAX_SEGMENT_OBJECTS;
    if (part.length > 0 && isFull) {
      yield part;
      part = [];
      bytes = 0;
    }
    part.push(entry);
    bytes += entry.packedBytes;
  }
  if (part.length > 0) yield part;
}

async function* liveEntries(
  sql: Sql,
  storeId: number,
  sourceIds: readonly number[],
): AsyncGenerator<LiveEntry> {
  for (const segmentId of sourceIds) {
    let fromOffset = 0;
    for (;;) {
      const page = await readEntries(sql, storeId, { segmentId, fromOffset, limit: MAX_SEGMENT_OBJECTS });
      yield* page;
      if (page.length < MAX_SEGMENT_OBJECTS) break;
      fromOffset = page.at(-1)!.packOffset + 1;
    }
  }
}

/** The new segment, with its bytes in the object store unless they go into its row. */
async function copyEntries(
  { sql, store }: CompactionDeps,
  storeId: number,
  { entries, sourceIds }: { readonly entries: readonly LiveEntry[]; readonly sourceIds: readonly number[] },
): Promise<CompactSegment> {
  const copy = new PackCopy(sql, store, entries);
  const { offsets, packBytes } = copy;
  const common = { entries, offsets, packBytes, sourceIds };
  if (packBytes <= INLINE_SEGMENT_BYTES) {
    const chunks: Buffer[] = [];
    for await (const chunk of copy.bytes()) chunks.push(chunk);
    const pack = Buffer.concat(chunks);
    return { ...common, ...copy.finish(), pack, storageKey: null };
  }
  const storageKey = newSegmentStorageKey(storeId);
  const keys = segmentObjectKeys(storageKey);
  for (const key of Object.values(keys)) await announceBytes(sql, key);
  await store.put(keys.pack, copy.bytes(), { sizeBytes: packBytes });
  const { packSum, idx } = copy.finish();
  await store.put(keys.idx, idx, { sizeBytes: idx.length });
  return { ...common, packSum, storageKey, pack: null, idx: null };
}

/** @returns how many segments it replaced. @throws {RepoNotFound} the repository was deleted meanwhile. */
function publish(sql: Sql, storeId: number, segment: CompactSegment): Promise<number> {
  return sql.transaction(async (tx) => {
    await holdStore(tx, storeId);
    if (segment.storageKey !== null) {
      for (const key of Object.values(segmentObjectKeys(segment.storageKey)))
        if (!(await settleBytes(tx, key))) throw new Unavailable('The compaction took too long.');
    }
    const segmentId = await moveObjects(tx, storeId, segment);
    return replaceEmptySegments(tx, storeId, [...segment.sourceIds, segmentId]);
  });
}
