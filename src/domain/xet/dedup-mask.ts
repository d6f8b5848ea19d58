import { randomFillSync } from 'node:crypto';
import { XET_HASH_BYTES } from '../../xet/xet-hash.ts';
import type { XorbIndex } from '../../xet/xorb-index.ts';

/** Bytes of a serialized xorb; `end` is exclusive. Ascending and apart. */
export type ByteRanges = readonly { readonly start: number; readonly end: number }[];

/**
 * An index that tells only of the chunks inside `ranges`. A xorb may hold chunks of several files, public and private
 * ones: those in between stand with random hashes and a length of 1, and those at the end are left out. Clients
 * find chunks by hash and take their lengths from their neighbours' offsets, so the visible ones work as always.
 */
export function maskIndex(index: XorbIndex, ranges: ByteRanges): XorbIndex {
  const visible = visibleChunks(index, ranges);
  const count = visible.lastIndexOf(true) + 1;
  const hashes = Buffer.from(index.hashes.subarray(0, count * XET_HASH_BYTES));
  const lengths = index.lengths.slice(0, count);
  for (let i = 0; i < count; i++) {
    if (visible[i]) continue;
    randomFillSync(hashes, i * XET_HASH_BYTES, XET_HASH_BYTES);
    lengths[i] = 1;
  }
  // Real ends would tell the stored lengths of hidden chunks, which follow from their contents.
  let end = 0;
  const ends = lengths.map((lengthBytes) => (end += lengthBytes));
  return { hashes, lengths, ends };
}

function visibleChunks({ ends }: XorbIndex, ranges: ByteRanges): boolean[] {
  let at = 0;
  return Array.from(ends, (end, i) => {
    while (at < ranges.length && ranges[at]!.end < end) at++;
    const range = ranges[at];
    return range !== undefined && range.start <= (ends[i - 1] ?? 0);
  });
}
