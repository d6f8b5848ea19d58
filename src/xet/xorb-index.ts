import type { ChunkList } from './chunk-list.ts';
import { MAX_CHUNK_BYTES } from './chunker.ts';
import { XetFormatError } from './xet-errors.ts';
import { XET_HASH_BYTES } from './xet-hash.ts';

/** Limits of the protocol for every xorb (https://huggingface.co/docs/xet/xorb). */
export const MAX_XORB_CHUNKS = 8192;
/** A chunk as it is stored, without its header. Longer than a chunk's contents, because a poor compression may make them longer. */
export const MAX_STORED_CHUNK_BYTES = 256 * 1024;
export const CHUNK_HEADER_BYTES = 8;

/** hash, end, length. */
export const ENTRY_BYTES = XET_HASH_BYTES + 4 + 4;
const END_AT = XET_HASH_BYTES;
const LENGTH_AT = XET_HASH_BYTES + 4;

/** Where the chunks of a xorb are. The serialized xorb is chunk after chunk without gaps, each with its header. */
export interface XorbIndex extends ChunkList {
  /** The offset after each chunk in the serialized xorb. */
  readonly ends: Uint32Array;
}

/** Bytes of a serialized xorb; `end` is exclusive. */
export interface SerializedRange {
  readonly start: number;
  readonly end: number;
}

/** The hub's own form of an index, for the object store: 40 bytes a chunk (raw hash, end u32, length u32), little-endian. */
export function encodeXorbIndex(index: XorbIndex): Buffer {
  const count = index.lengths.length;
  const bytes = Buffer.alloc(count * ENTRY_BYTES);
  for (let i = 0; i < count; i++) {
    const entry = i * ENTRY_BYTES;
    index.hashes.copy(bytes, entry, i * XET_HASH_BYTES, (i + 1) * XET_HASH_BYTES);
    bytes.writeUInt32LE(index.ends[i]!, entry + END_AT);
    bytes.writeUInt32LE(index.lengths[i]!, entry + LENGTH_AT);
  }
  return bytes;
}

/**
 * Reads what `encodeXorbIndex` wrote. An index comes from the hub's own store, so a damaged one is the hub's trouble: whoever reads it
 * for a client must not pass the error on as the client's mistake.
 *
 * @param startByte for the entries of some chunks only: where the first of them begins in the serialized xorb.
 * @throws {XetFormatError} for bytes that are no index of a xorb.
 */
export function decodeXorbIndex(bytes: Uint8Array, startByte = 0): XorbIndex {
  const count = bytes.length / ENTRY_BYTES;
  if (!Number.isInteger(count) || count === 0 || count > MAX_XORB_CHUNKS) {
    throw new XetFormatError(`${bytes.length} bytes are not the index of a xorb.`);
  }
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const index = emptyXorbIndex(count);
  let start = startByte;
  for (let i = 0; i < count; i++) {
    const entry = i * ENTRY_BYTES;
    const end = buffer.readUInt32LE(entry + END_AT);
    const lengthBytes = buffer.readUInt32LE(entry + LENGTH_AT);
    const storedBytes = end - start - CHUNK_HEADER_BYTES;
    if (
      storedBytes <= 0 ||
      storedBytes > MAX_STORED_CHUNK_BYTES ||
      lengthBytes === 0 ||
      lengthBytes > MAX_CHUNK_BYTES
    ) {
      throw new XetFormatError(`Entry ${i} of the xorb index is damaged.`);
    }
    buffer.copy(index.hashes, i * XET_HASH_BYTES, entry, entry + XET_HASH_BYTES);
    index.ends[i] = end;
    index.lengths[i] = lengthBytes;
    start = end;
  }
  return index;
}

/** An index of `count` chunks, to be filled in. */
export function emptyXorbIndex(count: number): XorbIndex {
  return {
    hashes: Buffer.alloc(count * XET_HASH_BYTES),
    lengths: new Uint32Array(count),
    ends: new Uint32Array(count),
  };
}

/**
 * The bytes of the serialized xorb that hold the chunks from `chunkStart` to before `chunkEnd`, headers included.
 *
 * @throws {RangeError} unless the xorb has these chunks and there is one at least.
 */
export function serializedRange(index: XorbIndex, chunkStart: number, chunkEnd: number): SerializedRange {
  requireChunks(index, chunkStart, chunkEnd);
  return { start: chunkStart === 0 ? 0 : index.ends[chunkStart - 1]!, end: index.ends[chunkEnd - 1]! };
}

/**
 * The number of uncompressed bytes in the chunks from `chunkStart` to before `chunkEnd`.
 *
 * @throws {RangeError} unless the xorb has these chunks and there is one at least.
 */
export function rawRangeBytes(index: ChunkList, chunkStart: number, chunkEnd: number): number {
  requireChunks(index, chunkStart, chunkEnd);
  let sizeBytes = 0;
  for (let i = chunkStart; i < chunkEnd; i++) sizeBytes += index.lengths[i]!;
  return sizeBytes;
}

function requireChunks(index: ChunkList, chunkStart: number, chunkEnd: number): void {
  const count = index.lengths.length;
  if (!(chunkStart >= 0 && chunkStart < chunkEnd && chunkEnd <= count)) {
    throw new RangeError(`no chunks from ${chunkStart} to ${chunkEnd} in a xorb of ${count}`);
  }
}
