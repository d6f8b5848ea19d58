import { crc32, deflateSync } from 'node:zlib';

import { OBJECT_TYPE_CODE } from './object.ts';
import type { ObjectType } from './object.ts';
import type { Oid } from './oid.ts';

/** One object to be packed. `oid` is trusted to be the id of `bytes`. */
export interface ObjectToPack {
  readonly oid: Oid;
  readonly type: ObjectType;
  readonly bytes: Uint8Array;
}

/** Where one object lies in a pack: `packedBytes` bytes from `offset`, header included; `sizeBytes` is its inflated size. */
export interface PackedObject {
  readonly oid: Oid;
  readonly type: ObjectType;
  readonly sizeBytes: number;
  readonly offset: number;
  readonly packedBytes: number;
  /** CRC-32 of the packed bytes, as the idx stores it. */
  readonly crc32: number;
}

/** The bytes of one pack entry, in two pieces to save a copy. */
export interface DeflatedEntry {
  readonly header: Buffer;
  readonly body: Buffer;
  readonly crc32: number;
}

export const PACK_HEADER_BYTES = 12;
export const PACK_TRAILER_BYTES = 20;
const PACK_VERSION = 2;

/** `PACK`, version 2, object count (gitformat-pack). */
export function encodePackHeader(objectCount: number): Buffer {
  const header = Buffer.alloc(PACK_HEADER_BYTES);
  header.write('PACK', 'latin1');
  header.writeUInt32BE(PACK_VERSION, 4);
  header.writeUInt32BE(objectCount, 8);
  return header;
}

/** The object count of a pack, or undefined when `bytes` do not begin a version 2 pack. */
export function decodePackHeader(bytes: Buffer): number | undefined {
  if (bytes.length < PACK_HEADER_BYTES || bytes.toString('latin1', 0, 4) !== 'PACK') return undefined;
  return bytes.readUInt32BE(4) === PACK_VERSION ? bytes.readUInt32BE(8) : undefined;
}

/**
 * What an encoder of sense makes of so many bytes at most. Longer entries are never stored: bytes that mean nothing could otherwise be
 * added without an end.
 */
export function mostDeflated(sizeBytes: number): number {
  return sizeBytes + Math.ceil(sizeBytes / 4) + 1024;
}

const MAX_CHUNK_BYTES = 64 * 1024;
const MIN_CHUNK_BYTES = 64;

/**
 * Deflates synchronously at level 1: per blob, the asynchronous call costs six times as much. Blocks for about 13 µs per KB;
 * many blobs belong into a `PackPool`.
 */
export function deflateEntry(type: ObjectType, bytes: Uint8Array): DeflatedEntry {
  const header = encodeEntryHeader(type, bytes.length);
  const chunkSize = Math.min(Math.max(bytes.length + MIN_CHUNK_BYTES, MIN_CHUNK_BYTES), MAX_CHUNK_BYTES);
  const body = deflateSync(bytes, { level: 1, chunkSize });
  return { header, body, crc32: crc32(body, crc32(header)) };
}

/** Type and size of an entry: 3 bits of type and 4 of size in the first byte, then 7 bits of size per byte, lowest first. */
export function encodeEntryHeader(type: ObjectType, sizeBytes: number): Buffer {
  const bytes: number[] = [];
  let byte = (OBJECT_TYPE_CODE[type] << 4) | (sizeBytes & 0x0f);
  for (let rest = Math.floor(sizeBytes / 16); rest > 0; rest = Math.floor(rest / 128)) {
    bytes.push(byte | 0x80);
    byte = rest & 0x7f;
  }
  bytes.push(byte);
  return Buffer.from(bytes);
}

export interface EntryHeader {
  readonly typeCode: number;
  readonly sizeBytes: number;
  readonly headerBytes: number;
}

/** Reads what `encodeEntryHeader` wrote; undefined when it is cut off or the size is beyond 2^53. */
export function decodeEntryHeader(bytes: Buffer, offset = 0): EntryHeader | undefined {
  const first = bytes[offset];
  if (first === undefined) return undefined;
  let sizeBytes = first & 0x0f;
  let factor = 16;
  let at = offset;
  while (bytes[at]! & 0x80) {
    at += 1;
    const byte = bytes[at];
    if (byte === undefined) return undefined;
    sizeBytes += (byte & 0x7f) * factor;
    if (sizeBytes > Number.MAX_SAFE_INTEGER) return undefined;
    factor *= 128;
  }
  return { typeCode: (first >> 4) & 0x07, sizeBytes, headerBytes: at + 1 - offset };
}
