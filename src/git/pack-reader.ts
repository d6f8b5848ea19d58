import { inflateSync } from 'node:zlib';

import { PayloadTooLarge } from '../lib/domain-error.ts';
import { objectTypeOfCode } from './object.ts';
import type { ObjectType } from './object.ts';
import { decodeEntryHeader } from './pack-entry.ts';
import { CorruptPack } from './pack-index.ts';

export { CorruptPack } from './pack-index.ts';

export interface UnpackedObject {
  readonly type: ObjectType;
  readonly sizeBytes: number;
  readonly bytes: Buffer;
}

/**
 * Inflates one whole entry of an undeltified pack: its header and its deflated bytes, nothing before or after.
 *
 * @throws {PayloadTooLarge} when the object is larger than `limitBytes`.
 * @throws {CorruptPack} for a delta, for bytes that do not inflate and for a size that is not the announced one.
 */
export function readPackedObject(entry: Buffer, limitBytes: number): UnpackedObject {
  const start = readEntryStart(entry);
  if (start.sizeBytes > limitBytes) {
    throw new PayloadTooLarge(
      `The object has ${start.sizeBytes} bytes; at most ${limitBytes} can be read at once.`,
    );
  }
  const { object, packedBytes } = readEntry(entry, start);
  if (packedBytes !== entry.length) throw new CorruptPack('the pack entry is followed by other bytes');
  return object;
}

const MIN_CHUNK_BYTES = 64;
const MAX_CHUNK_BYTES = 1024 * 1024;

/** The header of an entry. */
export interface EntryStart {
  readonly type: ObjectType;
  readonly sizeBytes: number;
  readonly headerBytes: number;
}

/** @throws {CorruptPack} for a delta, and for what is no complete header. */
export function readEntryStart(bytes: Buffer): EntryStart {
  const header = decodeEntryHeader(bytes);
  if (!header) throw new CorruptPack('the pack entry has no complete header');
  const { typeCode, sizeBytes, headerBytes } = header;
  const type = objectTypeOfCode(typeCode);
  if (!type)
    throw new CorruptPack(`the pack entry has the unexpected type ${typeCode}; deltas do not belong here`);
  return { type, sizeBytes, headerBytes };
}

/** Inflates the entry with which the bytes begin. @throws {CorruptPack} when it does not inflate, or not to its size. */
export function readEntry(
  bytes: Buffer,
  { type, sizeBytes, headerBytes }: EntryStart,
): { readonly object: UnpackedObject; readonly packedBytes: number } {
  const inflated = inflate(bytes.subarray(headerBytes), sizeBytes);
  return {
    object: { type, sizeBytes, bytes: inflated.bytes },
    packedBytes: headerBytes + inflated.deflatedBytes,
  };
}

function inflate(deflated: Buffer, sizeBytes: number): { bytes: Buffer; deflatedBytes: number } {
  const chunkSize = Math.min(Math.max(sizeBytes, MIN_CHUNK_BYTES), MAX_CHUNK_BYTES);
  let result: unknown;
  try {
    result = inflateSync(deflated, { info: true, chunkSize, maxOutputLength: Math.max(sizeBytes, 1) });
  } catch (error) {
    throw new CorruptPack('the pack entry does not inflate', { cause: error });
  }
  if (!isInflateInfo(result)) throw new Error('zlib did not report how much input it used');
  if (result.buffer.length !== sizeBytes)
    throw new CorruptPack('the pack entry has not the size it announces');
  return { bytes: result.buffer, deflatedBytes: result.engine.bytesWritten };
}

/** With `info`, Node answers the output and the engine, which knows how much input it used. Node's types leave this out. */
interface InflateInfo {
  readonly buffer: Buffer;
  readonly engine: { readonly bytesWritten: number };
}

function isInflateInfo(value: unknown): value is InflateInfo {
  return typeof value === 'object' && value !== null && 'buffer' in value && 'engine' in value;
}
