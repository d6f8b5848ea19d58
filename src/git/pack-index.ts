import { createHash } from 'node:crypto';

import { OID_BYTES } from './oid.ts';
import type { Oid } from './oid.ts';
import type { PackedObject } from './pack-entry.ts';

/** One line of an idx file. */
export type IndexEntry = Pick<PackedObject, 'oid' | 'offset' | 'crc32'>;

/** Stored bytes are not what we wrote. Never the user's fault. */
export class CorruptPack extends Error {
  override readonly name = 'CorruptPack';
}

const MAGIC = 0xff744f63;
const VERSION = 2;
const FANOUT_AT = 8;
const FANOUT_BYTES = 256 * 4;
const OIDS_AT = FANOUT_AT + FANOUT_BYTES;
const SUMS_BYTES = 40;
/** Larger offsets set this bit and point into the table of 64-bit offsets. */
const LARGE_OFFSET = 0x8000_0000;

/** The idx version 2 of a pack (gitformat-pack), byte for byte as `git index-pack` writes it. */
export function encodeIdx(entries: readonly IndexEntry[], packSum: Uint8Array): Buffer {
  const sorted = entries.toSorted((a, b) => (a.oid < b.oid ? -1 : Number(a.oid > b.oid)));
  const layout = layoutOf(sorted.length);
  const largeCount = sorted.filter((entry) => entry.offset >= LARGE_OFFSET).length;
  const idx = Buffer.allocUnsafe(layout.largeAt + largeCount * 8 + SUMS_BYTES);
  idx.writeUInt32BE(MAGIC, 0);
  idx.writeUInt32BE(VERSION, 4);
  writeFanout(idx, sorted);

  let large = 0;
  for (const [i, { oid, offset, crc32 }] of sorted.entries()) {
    idx.write(oid, OIDS_AT + i * OID_BYTES, 'hex');
    idx.writeUInt32BE(crc32, layout.crcsAt + i * 4);
    if (offset < LARGE_OFFSET) {
      idx.writeUInt32BE(offset, layout.offsetsAt + i * 4);
    } else {
      idx.writeUInt32BE(LARGE_OFFSET + large, layout.offsetsAt + i * 4);
      idx.writeBigUInt64BE(BigInt(offset), layout.largeAt + large * 8);
      large += 1;
    }
  }
  idx.set(packSum, idx.length - SUMS_BYTES);
  sha1(idx.subarray(0, -OID_BYTES)).copy(idx, idx.length - OID_BYTES);
  return idx;
}

/** The checksum at the end of the pack of an idx. */
export function packSumOf(idx: Buffer): Buffer {
  return Buffer.from(idx.subarray(-SUMS_BYTES, -OID_BYTES));
}

/** Where an object lies in a pack. */
export interface PackPlace {
  readonly offset: number;
  readonly packedBytes: number;
}

/** Looks places up in the idx of a pack that is in a file, without an object in memory for each of its lines. */
export class PackPlaces {
  readonly objectCount: number;
  readonly packSum: Buffer;
  readonly #idx: Buffer;
  readonly #layout: Layout;
  /** Where entries begin, in ascending order, and where the last one ends. */
  readonly #bounds: Float64Array;

  /** @param idx as this machine's git just wrote it. @throws {CorruptPack} when it is not an idx of version 2. */
  constructor(idx: Buffer, packBytes: number) {
    if (idx.length < OIDS_AT + SUMS_BYTES || idx.readUInt32BE(0) !== MAGIC || idx.readUInt32BE(4) !== VERSION)
      throw new CorruptPack('not a version 2 pack index');
    this.objectCount = idx.readUInt32BE(OIDS_AT - 4);
    this.#layout = layoutOf(this.objectCount);
    if (this.#layout.largeAt + SUMS_BYTES > idx.length) throw new CorruptPack('the pack index is cut off');
    this.packSum = packSumOf(idx);
    this.#idx = idx;
    this.#bounds = new Float64Array(this.objectCount + 1);
    for (let i = 0; i < this.objectCount; i++) this.#bounds[i] = offsetOf(idx, this.#layout, i);
    this.#bounds[this.objectCount] = packBytes - OID_BYTES;
    this.#bounds.sort();
  }

  /** @throws {CorruptPack} when the pack has no such object. */
  find(oid: Oid): PackPlace {
    const offset = this.offsetOf(Buffer.from(oid, 'hex'));
    if (offset === undefined) throw new CorruptPack(`the pack lacks the object ${oid}`);
    return { offset, packedBytes: this.packedBytesAt(offset) };
  }

  /** Where the object with this id of 20 bytes begins; undefined when the pack has none. */
  offsetOf(id: Buffer): number | undefined {
    const line = this.lineOf(id);
    return line === undefined ? undefined : offsetOf(this.#idx, this.#layout, line);
  }

  /** The checksum (CRC-32) of the entry of an object. @throws {CorruptPack} when the pack has no such object. */
  crcOf(oid: Oid): number {
    const line = this.lineOf(Buffer.from(oid, 'hex'));
    if (line === undefined) throw new CorruptPack(`the pack lacks the object ${oid}`);
    return this.#idx.readUInt32BE(this.#layout.crcsAt + line * 4);
  }

  private lineOf(id: Buffer): number | undefined {
    const first = id[0]!;
    const begin = first === 0 ? 0 : this.fanoutAt(first - 1);
    const end = Math.min(this.fanoutAt(first), this.objectCount);
    // The first bytes almost always decide, and numbers are compared faster.
    const prefix = id.readUInt32BE(0);
    let line = begin + lowest(end - begin, (i) => this.prefixAt(begin + i) >= prefix);
    while (line < end && this.compareAt(line, id) < 0) line++;
    return line < end && this.compareAt(line, id) === 0 ? line : undefined;
  }

  /** Length of the entry that begins there. @throws {CorruptPack} when none does. */
  packedBytesAt(offset: number): number {
    const bound = lowest(this.#bounds.length, (i) => this.#bounds[i]! >= offset);
    if (bound >= this.objectCount || this.#bounds[bound] !== offset)
      throw new CorruptPack(`no entry of the pack begins at ${offset}`);
    return this.#bounds[bound + 1]! - offset;
  }

  /** How many ids begin with this byte or a lower one. */
  private fanoutAt(byte: number): number {
    return this.#idx.readUInt32BE(FANOUT_AT + byte * 4);
  }

  private prefixAt(line: number): number {
    return this.#idx.readUInt32BE(OIDS_AT + line * OID_BYTES);
  }

  /** Of the id there with the wanted one. */
  private compareAt(line: number, wanted: Buffer): number {
    const at = OIDS_AT + line * OID_BYTES;
    return this.#idx.compare(wanted, 0, OID_BYTES, at, at + OID_BYTES);
  }
}

/** The lowest number below `count` for which it is true; `count` when there is none. */
function lowest(count: number, isTrue: (i: number) => boolean): number {
  let low = 0;
  let high = count;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (isTrue(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}

interface Layout {
  readonly crcsAt: number;
  readonly offsetsAt: number;
  readonly largeAt: number;
}

function layoutOf(count: number): Layout {
  const crcsAt = OIDS_AT + count * OID_BYTES;
  return { crcsAt, offsetsAt: crcsAt + count * 4, largeAt: crcsAt + count * 8 };
}

function writeFanout(idx: Buffer, sorted: readonly IndexEntry[]): void {
  const counts = new Uint32Array(256);
  for (const { oid } of sorted) counts[parseInt(oid.slice(0, 2), 16)]! += 1;
  let total = 0;
  for (const [first, count] of counts.entries()) {
    total += count;
    idx.writeUInt32BE(total, FANOUT_AT + first * 4);
  }
}

function offsetOf(idx: Buffer, layout: Layout, i: number): number {
  const offset = idx.readUInt32BE(layout.offsetsAt + i * 4);
  if (offset < LARGE_OFFSET) return offset;
  const at = layout.largeAt + (offset - LARGE_OFFSET) * 8;
  if (at + 8 > idx.length - SUMS_BYTES)
    throw new CorruptPack('the pack index points outside its offset table');
  const large = idx.readBigUInt64BE(at);
  if (large > BigInt(Number.MAX_SAFE_INTEGER))
    throw new CorruptPack('the pack index holds an impossible offset');
  return Number(large);
}

function sha1(bytes: Uint8Array): Buffer {
  return createHash('sha1').update(bytes).digest();
}
