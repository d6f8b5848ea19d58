import { fileHash, merkleRoot } from '../../src/xet/merkle.ts';
import { rangeHash } from '../../src/xet/keyed-hash.ts';
import { SHARD_TAG } from '../../src/xet/shard-records.ts';
import { XET_HASH_BYTES, type XetHash, xetHashBytes, xetHashText } from '../../src/xet/xet-hash.ts';
import type { Sha256 } from '../../src/lib/sha256.ts';
import { frameHeader, sequence, uint32, withHeaderChecksum, writeLz4Frame } from '../fuzz/lz4-writer.ts';
import { chunkList, type SampleXorb } from '../fuzz/xet-samples.ts';

/** A chunk as it is stored, whose header may lie. */
export interface ForgedChunk {
  readonly stored: Uint8Array;
  /** What the header says; by default the truth about a chunk that is stored as it is. */
  readonly version?: number;
  readonly scheme?: number;
  readonly storedBytes?: number;
  readonly lengthBytes?: number;
}

export function forgedChunk({ stored, ...header }: ForgedChunk): Buffer {
  const { version = 0, scheme = 0, storedBytes = stored.length, lengthBytes = stored.length } = header;
  return Buffer.concat([
    Buffer.from([version]),
    uint24(storedBytes),
    Buffer.from([scheme]),
    uint24(lengthBytes),
    stored,
  ]);
}

/** A chunk whose LZ4 frame is the given one. @param lengthBytes what the header says. */
export function lz4Chunk(frame: Uint8Array, lengthBytes: number, scheme: 1 | 2 = 1): Buffer {
  return forgedChunk({ stored: frame, scheme, lengthBytes });
}

/** The hash that a xorb of these contents has. */
export function xorbHashOf(...contents: readonly Uint8Array[]): XetHash {
  return xetHashText(merkleRoot(chunkList(contents)));
}

/** A copy with one byte changed by `flip` (exclusive or). @param at negative: from the end. */
export function flipped(bytes: Buffer, at: number, flip = 1): Buffer {
  const copy = Buffer.from(bytes);
  const place = at < 0 ? copy.length + at : at;
  copy[place] = copy[place]! ^ flip;
  return copy;
}

/** A frame of many bytes in few: zeros, as one match that goes on and on. */
export function lz4Bomb(contentBytes: number): Buffer {
  const block = Buffer.concat([
    sequence(Buffer.alloc(1), { distance: 1, length: contentBytes - 6 }),
    sequence(Buffer.alloc(5), null),
  ]);
  return Buffer.concat([bigBlocks(), uint32(block.length), block, uint32(0)]);
}

/** A frame of one block that is a match which reaches back by `distance`, one byte after its start. */
export function lz4MatchAt(distance: number): Buffer {
  const block = Buffer.concat([
    sequence(Buffer.from('a'), { distance, length: 20 }),
    sequence(Buffer.from('bcdef'), null),
  ]);
  return Buffer.concat([frameHeader(0, {}), uint32(block.length), block, uint32(0)]);
}

/** A frame whose header names a dictionary. */
export function lz4WithDictionary(content: Uint8Array): Buffer {
  const descriptor = Buffer.concat([Buffer.from([0b0110_0001, 0x40]), uint32(7)]);
  const frame = writeLz4Frame(content);
  return Buffer.concat([withHeaderChecksum(descriptor), frame.subarray(frameHeader(0, {}).length)]);
}

/** A frame with another descriptor (FLG and BD) than what follows needs. */
export function lz4WithDescriptor(content: Uint8Array, flags: number, blockSize: number): Buffer {
  const frame = writeLz4Frame(content);
  const header = withHeaderChecksum(Buffer.from([flags, blockSize]));
  return Buffer.concat([header, frame.subarray(frameHeader(0, {}).length)]);
}

/**
 * Contents of a full chunk, as LZ4 that is slow to read: sequences of one literal and the shortest match that a decoder must copy
 * byte by byte.
 */
export function slowLz4(contentBytes: number): { readonly content: Buffer; readonly frame: Buffer } {
  const step = 5;
  const count = Math.floor((contentBytes - step) / step);
  const one = sequence(Buffer.from([1]), { distance: 1, length: step - 1 });
  const rest = Buffer.alloc(contentBytes - count * step, 1);
  const block = Buffer.concat([Buffer.alloc(count * one.length, one), sequence(rest, null)]);
  return {
    content: Buffer.alloc(contentBytes, 1),
    frame: Buffer.concat([bigBlocks(), uint32(block.length), block, uint32(0)]),
  };
}

/** A frame header that allows blocks of 4 MiB. */
function bigBlocks(): Buffer {
  return withHeaderChecksum(Buffer.from([0b0110_0000, 0x70]));
}

/** A record of a shard: a hash, and four numbers. */
export function record(hash: Uint8Array, ...numbers: readonly number[]): Buffer {
  const bytes = Buffer.alloc(48);
  bytes.set(hash);
  for (const [i, value] of numbers.entries()) bytes.writeUInt32LE(value, XET_HASH_BYTES + 4 * i);
  return bytes;
}

export const BOOKEND = record(Buffer.alloc(XET_HASH_BYTES, 0xff));

/** @param footerBytes what it says of the footer. */
export function shardHeader({ tag = SHARD_TAG, version = 2, footerBytes = 0 } = {}): Buffer {
  const numbers = Buffer.alloc(16);
  numbers.writeBigUInt64LE(BigInt(version), 0);
  numbers.writeBigUInt64LE(BigInt(footerBytes), 8);
  return Buffer.concat([tag, numbers]);
}

/** A term, whose numbers may be wrong. Null as `range` is no proof at all. */
export interface ForgedTerm {
  readonly xorb: XetHash;
  readonly start: number;
  readonly end: number;
  readonly rawBytes: number;
  readonly range: Uint8Array | null;
}

export interface ForgedFile {
  readonly hash: XetHash;
  readonly terms: readonly ForgedTerm[];
  readonly sha256?: Sha256;
  /** Instead of those that its parts need. */
  readonly flags?: number;
  /** Instead of the number of its terms. */
  readonly termCount?: number;
  /** Instead of how clients write the SHA-256. */
  readonly sha256Bytes?: Buffer;
}

export function forgedFile(file: ForgedFile): Buffer {
  const { hash, terms, sha256, sha256Bytes } = file;
  const hasRanges = terms.every(({ range }) => range !== null);
  const digest = sha256Bytes ?? (sha256 && Buffer.from(sha256, 'hex').swap64());
  const flags = file.flags ?? (hasRanges ? 0x8000_0000 : 0) + (digest ? 0x4000_0000 : 0);
  return Buffer.concat([
    record(xetHashBytes(hash), flags, file.termCount ?? terms.length),
    ...terms.map((term) => record(xetHashBytes(term.xorb), 0, term.rawBytes, term.start, term.end)),
    ...(hasRanges ? terms.map(({ range }) => record(range!)) : []),
    ...(digest ? [record(digest)] : []),
  ]);
}

/** A shard of these files that describes no xorbs: the hub does not look at such descriptions. */
export function forgedShard(...files: readonly ForgedFile[]): Buffer {
  return Buffer.concat([shardHeader(), ...files.map(forgedFile), BOOKEND, BOOKEND]);
}

/** An honest term. */
export function term(xorb: SampleXorb, start = 0, end = xorb.lengths.length): ForgedTerm {
  const hashes = xorb.hashes.subarray(start * XET_HASH_BYTES, end * XET_HASH_BYTES);
  const rawBytes = xorb.lengths.subarray(start, end).reduce((total, length) => total + length, 0);
  return { xorb: xorb.hash, start, end, rawBytes, range: rangeHash(hashes) };
}

/** The file that these runs of chunks make. */
export function fileHashOf(
  ...runs: readonly { readonly xorb: SampleXorb; readonly start: number; readonly end: number }[]
): XetHash {
  const hashes = runs.map(({ xorb, start, end }) =>
    xorb.hashes.subarray(start * XET_HASH_BYTES, end * XET_HASH_BYTES),
  );
  const lengths = runs.flatMap(({ xorb, start, end }) => Array.from(xorb.lengths.subarray(start, end)));
  return xetHashText(fileHash({ hashes: Buffer.concat(hashes), lengths: Uint32Array.from(lengths) }));
}

/** A footer of 200 bytes with the three lookup counts. */
export function shardFooter({ version = 1n, counts = [0n, 0n, 0n] } = {}): Buffer {
  const footer = Buffer.alloc(200);
  footer.writeBigUInt64LE(version, 0);
  for (const [i, count] of counts.entries()) footer.writeBigUInt64LE(count, 32 + 16 * i);
  return footer;
}

function uint24(value: number): Buffer {
  const bytes = Buffer.alloc(3);
  bytes.writeUIntLE(value, 0, 3);
  return bytes;
}
