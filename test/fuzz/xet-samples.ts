import { SHARD_TAG } from '../../src/xet/shard-records.ts';
import type { ChunkList } from '../../src/xet/chunk-list.ts';
import { chunkHash, rangeHash } from '../../src/xet/keyed-hash.ts';
import { fileHash, merkleRoot } from '../../src/xet/merkle.ts';
import { type XetHash, xetHashBytes, xetHashText } from '../../src/xet/xet-hash.ts';
import type { Sha256 } from '../../src/lib/sha256.ts';
import { writeLz4Frame } from './lz4-writer.ts';

/** 0 stored, 1 LZ4, 2 bytes grouped by four and LZ4. */
export type Scheme = 0 | 1 | 2;

export interface SampleChunk {
  readonly content: Uint8Array;
  readonly scheme: Scheme;
  /** Instead of the frame that this module would write. */
  readonly frame?: Uint8Array;
}

export interface SampleXorb extends ChunkList {
  readonly body: Buffer;
  readonly hash: XetHash;
}

/** A serialized xorb as a client uploads it. */
export function xorbOf(chunks: readonly SampleChunk[]): SampleXorb {
  const list = chunkList(chunks.map(({ content }) => content));
  return { ...list, body: Buffer.concat(chunks.map(serialized)), hash: xetHashText(merkleRoot(list)) };
}

/** The chunk with its header. */
export function serialized({ content, scheme, frame }: SampleChunk): Buffer {
  const stored = frame ?? storedForm(content, scheme);
  return Buffer.concat([
    Buffer.from([0]),
    uint24(stored.length),
    Buffer.from([scheme]),
    uint24(content.length),
    stored,
  ]);
}

export function chunkList(contents: readonly Uint8Array[]): ChunkList {
  return {
    hashes: Buffer.concat(contents.map(chunkHash)),
    lengths: Uint32Array.from(contents, ({ length }) => length),
  };
}

/** What `ungroupBytes` undoes: every fourth byte from the first, then from the second, the third and the fourth. */
export function groupBytes(bytes: Uint8Array): Buffer {
  return Buffer.concat([0, 1, 2, 3].map((group) => Buffer.from(bytes.filter((_, i) => i % 4 === group))));
}

function storedForm(content: Uint8Array, scheme: Scheme): Uint8Array {
  if (scheme === 0) return content;
  return writeLz4Frame(scheme === 1 ? content : groupBytes(content));
}

function uint24(value: number): Buffer {
  const bytes = Buffer.alloc(3);
  bytes.writeUIntLE(value, 0, 3);
  return bytes;
}

export interface SampleTerm {
  readonly xorb: XetHash;
  readonly rawBytes: number;
  readonly chunkStart: number;
  readonly chunkEnd: number;
  readonly rangeHash: Buffer;
}

export interface SampleFile {
  readonly hash: XetHash;
  readonly sha256?: Sha256;
  /** Set to leave out the range hashes. */
  readonly withoutRangeHashes?: true;
  /** Further flags, which no client sets. */
  readonly extraFlags?: number;
  readonly terms: readonly SampleTerm[];
}

export interface SampleShard {
  readonly files: readonly SampleFile[];
  readonly xorbs: readonly SampleXorb[];
  /** `plain` is what JavaScript sends, `tables` what a shard of a client's cache looks like; hf_xet sends none. */
  readonly footer?: 'plain' | 'tables';
}

/** A file that is the whole of one xorb. */
export function fileOf(xorb: SampleXorb, sha256?: Sha256): SampleFile {
  const rawBytes = xorb.lengths.reduce((total, length) => total + length, 0);
  const term = {
    xorb: xorb.hash,
    rawBytes,
    chunkStart: 0,
    chunkEnd: xorb.lengths.length,
    rangeHash: rangeHash(xorb.hashes),
  };
  return { hash: xetHashText(fileHash(xorb)), terms: [term], ...(sha256 && { sha256 }) };
}

/** A shard as a client uploads it, written without the hub's own writer. */
export function shardOf({ files, xorbs, footer }: SampleShard): Buffer {
  const header = Buffer.concat([SHARD_TAG, uint64(2), uint64(footer ? 200 : 0)]);
  const fileSection = Buffer.concat([...files.map(fileBlock), bookend()]);
  const xorbSection = Buffer.concat([...xorbs.map(xorbBlock), bookend()]);
  const sections = Buffer.concat([header, fileSection, xorbSection]);
  if (!footer) return sections;
  const chunks = xorbs.reduce((total, { lengths }) => total + lengths.length, 0);
  const counts = footer === 'tables' ? [files.length, xorbs.length, chunks] : [0, 0, 0];
  const tables = Buffer.alloc(12 * (counts[0]! + counts[1]!) + 16 * counts[2]!);
  const end = Buffer.alloc(200);
  end.writeBigUInt64LE(1n, 0);
  end.writeBigUInt64LE(48n, 8);
  end.writeBigUInt64LE(BigInt(header.length + fileSection.length), 16);
  for (const [i, entries] of counts.entries()) end.writeBigUInt64LE(BigInt(entries), 32 + 16 * i);
  end.writeBigUInt64LE(BigInt(sections.length + tables.length), 192);
  return Buffer.concat([sections, tables, end]);
}

function fileBlock(file: SampleFile): Buffer {
  const flags =
    (file.withoutRangeHashes ? 0 : 0x8000_0000) + (file.sha256 ? 0x4000_0000 : 0) + (file.extraFlags ?? 0);
  const terms = file.terms.map((term) =>
    record(xetHashBytes(term.xorb), 0, term.rawBytes, term.chunkStart, term.chunkEnd),
  );
  const ranges = file.withoutRangeHashes ? [] : file.terms.map((term) => record(term.rangeHash));
  const sha256 = file.sha256 ? [record(Buffer.from(file.sha256, 'hex').swap64())] : [];
  return Buffer.concat([
    record(xetHashBytes(file.hash), flags, file.terms.length),
    ...terms,
    ...ranges,
    ...sha256,
  ]);
}

function xorbBlock(xorb: SampleXorb): Buffer {
  let start = 0;
  const chunks = Array.from(xorb.lengths, (length, i) => {
    const entry = record(xorb.hashes.subarray(32 * i, 32 * i + 32), start, length);
    start += length;
    return entry;
  });
  return Buffer.concat([record(xetHashBytes(xorb.hash), 0, chunks.length, start, 0), ...chunks]);
}

function bookend(): Buffer {
  return record(Buffer.alloc(32, 0xff));
}

/** A hash and up to four 32-bit numbers. */
function record(hash: Uint8Array, ...numbers: readonly number[]): Buffer {
  const bytes = Buffer.alloc(48);
  bytes.set(hash);
  for (const [i, value] of numbers.entries()) bytes.writeUInt32LE(value, 32 + 4 * i);
  return bytes;
}

function uint64(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(value));
  return bytes;
}
