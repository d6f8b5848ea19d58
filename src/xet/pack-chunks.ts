import type { ChunkList } from './chunk-list.ts';
import { merkleRoot } from './merkle.ts';
import { XET_HASH_BYTES, type XetHash, xetHashText } from './xet-hash.ts';
import { CHUNK_HEADER_BYTES, MAX_XORB_CHUNKS, type XorbIndex } from './xorb-index.ts';

/** With its headers: the protocol allows a little more, but some of its texts do not. */
const MAX_SERIALIZED_BYTES = 64 * 1024 * 1024;

/** Neighbouring chunks of a file as a xorb of uncompressed chunks. */
export interface ChunkPack {
  readonly hash: XetHash;
  readonly chunkStart: number;
  /** Exclusive. */
  readonly chunkEnd: number;
  readonly rawBytes: number;
  readonly serializedBytes: number;
}

/** Packs all chunks of a file, in order, into as few xorbs as the protocol allows. */
export function packChunks(chunks: ChunkList): ChunkPack[] {
  const packs: ChunkPack[] = [];
  const count = chunks.lengths.length;
  for (let start = 0; start < count;) {
    const pack = packFrom(chunks, start);
    packs.push(pack);
    start = pack.chunkEnd;
  }
  return packs;
}

/** The index of a pack: every chunk has its header in front, and nothing is compressed. */
export function packIndex(chunks: ChunkList, { chunkStart, chunkEnd }: ChunkPack): XorbIndex {
  const lengths = chunks.lengths.subarray(chunkStart, chunkEnd);
  let end = 0;
  return {
    hashes: hashesOf(chunks, chunkStart, chunkEnd),
    lengths,
    ends: lengths.map((length) => (end += CHUNK_HEADER_BYTES + length)),
  };
}

function packFrom(chunks: ChunkList, chunkStart: number): ChunkPack {
  const most = Math.min(chunks.lengths.length, chunkStart + MAX_XORB_CHUNKS);
  let chunkEnd = chunkStart;
  let serializedBytes = 0;
  while (chunkEnd < most) {
    const next = CHUNK_HEADER_BYTES + chunks.lengths[chunkEnd]!;
    if (serializedBytes + next > MAX_SERIALIZED_BYTES) break;
    serializedBytes += next;
    chunkEnd++;
  }
  const lengths = chunks.lengths.subarray(chunkStart, chunkEnd);
  return {
    hash: xetHashText(merkleRoot({ hashes: hashesOf(chunks, chunkStart, chunkEnd), lengths })),
    chunkStart,
    chunkEnd,
    rawBytes: serializedBytes - CHUNK_HEADER_BYTES * lengths.length,
    serializedBytes,
  };
}

function hashesOf({ hashes }: ChunkList, chunkStart: number, chunkEnd: number): Buffer {
  return hashes.subarray(chunkStart * XET_HASH_BYTES, chunkEnd * XET_HASH_BYTES);
}
