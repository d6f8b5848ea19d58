import { ungroupBytes } from './byte-grouping.ts';
import { MAX_CHUNK_BYTES } from './chunker.ts';
import { chunkHash, plainHash } from './keyed-hash.ts';
import type { Bytes } from './file-bytes.ts';
import { decodeLz4Frame } from './lz4-frame.ts';
import { merkleRoot } from './merkle.ts';
import { XetFormatError } from './xet-errors.ts';
import { XET_HASH_BYTES, type XetHash, xetHashText } from './xet-hash.ts';
import {
  CHUNK_HEADER_BYTES,
  emptyXorbIndex,
  MAX_STORED_CHUNK_BYTES,
  MAX_XORB_CHUNKS,
  type XorbIndex,
} from './xorb-index.ts';

// A serialized xorb (https://huggingface.co/docs/xet/xorb) is a sequence of chunks, little-endian:
//   u8 version = 0 | u24 stored length | u8 scheme | u24 uncompressed length | stored bytes

/** What the chunks of one xorb hold together at most, uncompressed. */
export const MAX_XORB_RAW_BYTES = 64 * 1024 * 1024;

/** `XETBLOB` and three tables of 40 bytes a chunk, and the footer's own length at the end. */
const MAX_FOOTER_BYTES = 92 + 40 * MAX_XORB_CHUNKS + 4;

/**
 * The longest body of an upload. The limit of 64 MiB counts uncompressed bytes: when nothing compresses, every chunk's header comes on
 * top. The rest is for a footer, which no current client sends and which is not stored. Compression that makes chunks longer finds no
 * extra room: clients store such chunks as they are.
 */
export const MAX_XORB_BODY_BYTES =
  MAX_XORB_RAW_BYTES + MAX_XORB_CHUNKS * CHUNK_HEADER_BYTES + MAX_FOOTER_BYTES;

const VERSION = 0;
const STORED = 0;
const LZ4 = 1;
const GROUPED_LZ4 = 2;
const FOOTER_TAG = Buffer.from('XETBLOB', 'latin1');

/** Work space for one chunk. Decoding is synchronous, so a thread needs one of each. */
const groupedChunk = new Uint8Array(MAX_CHUNK_BYTES);
const rawChunk = new Uint8Array(MAX_CHUNK_BYTES);

/** A xorb whose bytes were all looked at. */
export interface VerifiedXorb {
  readonly index: XorbIndex;
  /** The uncompressed length of all chunks. */
  readonly rawBytes: number;
  /** The length of the chunks in the body, without a footer that a client may have appended. */
  readonly serializedBytes: number;
}

interface ChunkHeader {
  readonly scheme: number;
  readonly lengthBytes: number;
  /** Where the stored bytes begin and end. */
  readonly start: number;
  readonly end: number;
}

/**
 * Checks an uploaded xorb completely: the limits, every header, every chunk's bytes (decompressed under a hard cap) and the hash.
 *
 * @throws {XetFormatError} naming the chunk, counted from 0, and the rule it breaks.
 */
export function verifyXorb(body: Bytes, expected: XetHash): VerifiedXorb {
  if (body.length > MAX_XORB_BODY_BYTES) {
    throw new XetFormatError(`A xorb upload may have at most ${MAX_XORB_BODY_BYTES} bytes.`);
  }
  const headers = readHeaders(body);
  const index = emptyXorbIndex(headers.length);
  let rawBytes = 0;
  for (const [i, header] of headers.entries()) {
    inChunk(i, () => chunkHash(contentOf(body, header))).copy(index.hashes, i * XET_HASH_BYTES);
    index.lengths[i] = header.lengthBytes;
    index.ends[i] = header.end;
    rawBytes += header.lengthBytes;
  }
  const actual = xetHashText(merkleRoot(index));
  if (actual !== expected) {
    throw new XetFormatError(`The uploaded xorb has the hash ${actual}, not ${expected}. Upload it again.`);
  }
  return { index, rawBytes, serializedBytes: headers.at(-1)!.end };
}

/**
 * What tells this serialized form of a xorb from others, beside the xorb's hash: 32 bytes. The hashes of its chunks say all of those that are
 * not compressed.
 *
 * @param serialized a verified xorb.
 */
export function xorbForm(serialized: Bytes): Buffer {
  return plainHash(tellingParts(serialized));
}

function* tellingParts(serialized: Bytes): Generator<Uint8Array> {
  for (const { scheme, start, end } of readHeaders(serialized))
    yield serialized.subarray(start - CHUNK_HEADER_BYTES, scheme === STORED ? start : end);
}

/**
 * Decodes the chunk whose header is at `offset` into the start of `target`, which needs room for 131072 bytes.
 * Chunks of verified xorbs always decode.
 *
 * @throws {XetFormatError} for a damaged chunk.
 * @throws {RangeError} when `target` is too short.
 */
export function decodeChunk(
  bytes: Bytes,
  offset: number,
  target: Uint8Array,
): { lengthBytes: number; nextOffset: number } {
  const header = readHeader(bytes, offset);
  const { lengthBytes } = header;
  if (target.length < lengthBytes) throw new RangeError(`${target.length} bytes cannot take ${lengthBytes}`);
  decodeInto(target.subarray(0, lengthBytes), bytes, header);
  return { lengthBytes, nextOffset: header.end };
}

/**
 * The header of a chunk that is stored uncompressed: with it in front, a slice of any file is a chunk of a xorb.
 *
 * @throws {RangeError} unless a chunk may have this length.
 */
export function chunkHeader(lengthBytes: number): Buffer {
  if (!(lengthBytes > 0 && lengthBytes <= MAX_CHUNK_BYTES)) {
    throw new RangeError(`a chunk cannot have ${lengthBytes} bytes`);
  }
  const header = Buffer.alloc(CHUNK_HEADER_BYTES);
  header[0] = VERSION;
  header.writeUIntLE(lengthBytes, 1, 3);
  header[4] = STORED;
  header.writeUIntLE(lengthBytes, 5, 3);
  return header;
}

/** All headers, before anything is decompressed: their number and sizes are cheap to refuse. */
function readHeaders(body: Bytes): ChunkHeader[] {
  const headers: ChunkHeader[] = [];
  let rawBytes = 0;
  for (let offset = 0; offset < body.length && !isFooter(body, offset);) {
    if (headers.length === MAX_XORB_CHUNKS) {
      throw new XetFormatError(`A xorb may have at most ${MAX_XORB_CHUNKS} chunks.`);
    }
    const at = offset;
    const header = inChunk(headers.length, () => readHeader(body, at));
    rawBytes += header.lengthBytes;
    if (rawBytes > MAX_XORB_RAW_BYTES) {
      throw new XetFormatError(`A xorb may hold at most ${MAX_XORB_RAW_BYTES} bytes of uncompressed chunks.`);
    }
    headers.push(header);
    offset = header.end;
  }
  if (headers.length === 0) throw new XetFormatError('A xorb must have at least one chunk.');
  return headers;
}

function isFooter(body: Bytes, offset: number): boolean {
  return FOOTER_TAG.equals(body.subarray(offset, offset + FOOTER_TAG.length));
}

function readHeader(bytes: Bytes, offset: number): ChunkHeader {
  if (!(offset >= 0 && bytes.length - offset >= CHUNK_HEADER_BYTES)) {
    throw new XetFormatError('Its header ends too early.');
  }
  const header = bytes.subarray(offset, offset + CHUNK_HEADER_BYTES);
  const version = header[0]!;
  if (version !== VERSION) throw new XetFormatError(`Its header has the unknown version ${version}.`);
  const storedBytes = uint24(header, 1);
  const scheme = header[4]!;
  const lengthBytes = uint24(header, 5);
  if (scheme > GROUPED_LZ4) throw new XetFormatError(`It has the unknown compression scheme ${scheme}.`);
  if (lengthBytes === 0 || lengthBytes > MAX_CHUNK_BYTES) {
    throw new XetFormatError(
      `A chunk must have 1 to ${MAX_CHUNK_BYTES} uncompressed bytes, not ${lengthBytes}.`,
    );
  }
  if (storedBytes === 0 || storedBytes > MAX_STORED_CHUNK_BYTES) {
    throw new XetFormatError(
      `A chunk must have 1 to ${MAX_STORED_CHUNK_BYTES} stored bytes, not ${storedBytes}.`,
    );
  }
  if (scheme === STORED && storedBytes !== lengthBytes) {
    throw new XetFormatError(
      `It is not compressed, but its header says ${storedBytes} stored bytes for ${lengthBytes}.`,
    );
  }
  const start = offset + CHUNK_HEADER_BYTES;
  const end = start + storedBytes;
  if (end > bytes.length) {
    throw new XetFormatError(`It ends too early: ${bytes.length - start} of ${storedBytes} stored bytes.`);
  }
  return { scheme, lengthBytes, start, end };
}

/** The uncompressed bytes, valid until the next call. */
function contentOf(bytes: Bytes, header: ChunkHeader): Uint8Array {
  if (header.scheme === STORED) return bytes.subarray(header.start, header.end);
  const target = rawChunk.subarray(0, header.lengthBytes);
  decodeInto(target, bytes, header);
  return target;
}

function decodeInto(target: Uint8Array, bytes: Bytes, header: ChunkHeader): void {
  const stored = bytes.subarray(header.start, header.end);
  if (header.scheme === STORED) {
    target.set(stored);
  } else if (header.scheme === LZ4) {
    decompressAll(stored, target);
  } else {
    const grouped = groupedChunk.subarray(0, target.length);
    decompressAll(stored, grouped);
    ungroupBytes(grouped, target);
  }
}

function decompressAll(frame: Uint8Array, target: Uint8Array): void {
  const lengthBytes = decodeLz4Frame(frame, target);
  if (lengthBytes !== target.length) {
    throw new XetFormatError(
      `Its header says ${target.length} uncompressed bytes, its LZ4 frame has ${lengthBytes}.`,
    );
  }
}

/** Tells which chunk an error is about. */
function inChunk<Result>(index: number, read: () => Result): Result {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof XetFormatError)) throw error;
    throw new XetFormatError(`Chunk ${index} of the xorb: ${error.message}`, {}, { cause: error });
  }
}

function uint24(bytes: Uint8Array, at: number): number {
  return bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16);
}
