import { describe, expect, it } from 'vitest';
import type { ChunkList } from './chunk-list.ts';
import { MAX_CHUNK_BYTES, MIN_CHUNK_BYTES } from './chunker.ts';
import { chunkHash } from './keyed-hash.ts';
import { merkleRoot } from './merkle.ts';
import { packChunks, packIndex } from './pack-chunks.ts';
import { XET_HASH_BYTES, xetHashText } from './xet-hash.ts';
import { CHUNK_HEADER_BYTES, decodeXorbIndex, encodeXorbIndex, MAX_XORB_CHUNKS } from './xorb-index.ts';

const LIMIT_BYTES = 64 * 1024 * 1024;

/** Chunks of these lengths. What they hold does not matter here, only that their hashes differ. */
function chunksOf(lengths: readonly number[]): ChunkList {
  const hashes = lengths.map((_, i) => chunkHash(Buffer.from(String(i))));
  return { hashes: Buffer.concat(hashes), lengths: Uint32Array.from(lengths) };
}

describe('packChunks', () => {
  it('makes nothing of nothing, and one xorb of what fits', () => {
    expect(packChunks(chunksOf([]))).toEqual([]);
    const chunks = chunksOf([10_000, 20_000, 5]);
    expect(packChunks(chunks)).toEqual([
      {
        hash: xetHashText(merkleRoot(chunks)),
        chunkStart: 0,
        chunkEnd: 3,
        rawBytes: 30_005,
        serializedBytes: 30_005 + 3 * CHUNK_HEADER_BYTES,
      },
    ]);
  });

  it('takes every chunk once, in order, and keeps to the limit of bytes with headers', () => {
    const chunks = chunksOf(Array.from({ length: 1100 }, (_, i) => MAX_CHUNK_BYTES - (i % 7)));
    const packs = packChunks(chunks);
    expect(packs.length).toBe(3);
    let start = 0;
    for (const pack of packs) {
      expect(pack.chunkStart).toBe(start);
      expect(pack.serializedBytes).toBeLessThanOrEqual(LIMIT_BYTES);
      expect(pack.serializedBytes - pack.rawBytes).toBe((pack.chunkEnd - start) * CHUNK_HEADER_BYTES);
      start = pack.chunkEnd;
    }
    expect(start).toBe(1100);
    const full = packs[0]!;
    const next = CHUNK_HEADER_BYTES + chunks.lengths[full.chunkEnd]!;
    expect(full.serializedBytes + next).toBeGreaterThan(LIMIT_BYTES);
  });

  it('keeps to the limit of chunks', () => {
    // No file is cut so short, but the limit holds for every list of chunks.
    const chunks = chunksOf(Array.from({ length: MAX_XORB_CHUNKS + 1 }, () => 100));
    const ends = packChunks(chunks).map((pack) => pack.chunkEnd);
    expect(ends).toEqual([MAX_XORB_CHUNKS, MAX_XORB_CHUNKS + 1]);
  });
});

describe('packIndex', () => {
  it('is the index of a xorb of uncompressed chunks', () => {
    const chunks = chunksOf(Array.from({ length: 900 }, () => MAX_CHUNK_BYTES - MIN_CHUNK_BYTES));
    const pack = packChunks(chunks)[1]!;
    const index = packIndex(chunks, pack);
    expect(decodeXorbIndex(encodeXorbIndex(index))).toEqual(index);
    expect(xetHashText(merkleRoot(index))).toBe(pack.hash);
    expect(index.ends.at(-1)).toBe(pack.serializedBytes);
    expect(index.ends[0]).toBe(index.lengths[0]! + CHUNK_HEADER_BYTES);
    expect(index.hashes.subarray(0, XET_HASH_BYTES)).toEqual(
      chunks.hashes.subarray(pack.chunkStart * XET_HASH_BYTES, (pack.chunkStart + 1) * XET_HASH_BYTES),
    );
  });
});
