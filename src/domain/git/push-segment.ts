import { readFile } from 'node:fs/promises';
import type { SqlTransaction } from '../../db/sql.ts';
import type { Deps } from '../deps.ts';
import { Unavailable } from '../errors.ts';
import { announceBytes, settleBytes } from '../storage/intent.queries.ts';
import { INLINE_SEGMENT_BYTES, newSegmentStorageKey, segmentObjectKeys } from '../version/segment.ts';
import type { PushedSegment } from './push-import.queries.ts';

/** A pack in a file, with its idx, and the id that it will have as a segment. */
export interface SegmentFiles {
  readonly id: number;
  readonly packPath: string;
  readonly packBytes: number;
  readonly packSum: Buffer;
  readonly objectCount: number;
  readonly idx: Buffer;
}

/** Makes the bytes of a pushed pack durable, with their intents first; small ones go into their row. */
export async function storePack(
  { sql, store }: Pick<Deps, 'sql' | 'store'>,
  storeId: number,
  { packPath, idx, ...common }: SegmentFiles,
): Promise<PushedSegment> {
  const { packBytes } = common;
  if (packBytes <= INLINE_SEGMENT_BYTES)
    return { ...common, storageKey: null, inline: { pack: await readFile(packPath), idx } };
  const storageKey = newSegmentStorageKey(storeId);
  const keys = segmentObjectKeys(storageKey);
  await Promise.all([keys.pack, keys.idx].map((key) => announceBytes(sql, key)));
  await Promise.all([
    store.putFile(keys.pack, packPath, { sizeBytes: packBytes }),
    store.put(keys.idx, idx, { sizeBytes: idx.length }),
  ]);
  return { ...common, storageKey, inline: null };
}

/** Part of the transaction that writes the segment's row: from now on it names the bytes. */
export async function settlePack(tx: SqlTransaction, { storageKey }: PushedSegment): Promise<void> {
  if (storageKey === null) return;
  for (const key of Object.values(segmentObjectKeys(storageKey)))
    if (!(await settleBytes(tx, key))) throw new Unavailable('The push took too long. Try again.');
}
