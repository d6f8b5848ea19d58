import { createHash } from 'node:crypto';
import { inflateSync } from 'node:zlib';

import { PayloadTooLarge } from '../lib/domain-error.ts';
import { hashObject, objectTypeOfCode } from './object.ts';
import type { ObjectType } from './object.ts';
import type { Oid } from './oid.ts';
import { decodeEntryHeader, decodePackHeader, PACK_HEADER_BYTES, PACK_TRAILER_BYTES } from './pack-entry.ts';
import { CorruptPack } from './pack-index.ts';

export { CorruptPack, parseIdx } from './pack-index.ts';

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
  const { object, packedBytes } = readEntryAt(entry, 0, limitBytes);
  if (packedBytes !== entry.length) throw new CorruptPack('the pack entry is followed by other bytes');
  return object;
}

export interface VerifiedObject {
  readonly oid: Oid;
  readonly type: ObjectType;
  readonly sizeBytes: number;
  readonly offset: number;
  readonly packedBytes: number;
}

/**
 * Reads a whole undeltified pack, checks its trailer and hashes every object, one at a time.
 *
 * @throws {PayloadTooLarge} when an object is larger than `limitBytes`.
 * @throws {CorruptPack} when anything does not fit.
 */
export function verifyPack(pack: Buffer, limitBytes = Number.MAX_SAFE_INTEGER): VerifiedObject[] {
  const count = decodePackHeader(pack);
  if (count === undefined || pack.length < PACK_HEADER_BYTES + PACK_TRAILER_BYTES) {
    throw new CorruptPack('not a version 2 pack');
  }
  const body = pack.subarray(0, -PACK_TRAILER_BYTES);
  if (!createHash('sha1').update(body).digest().equals(pack.subarray(-PACK_TRAILER_BYTES))) {
    throw new CorruptPack('the pack fails its checksum');
  }
  const objects: VerifiedObject[] = [];
  let offset = PACK_HEADER_BYTES;
  while (offset < body.length) {
    const { object, packedBytes } = readEntryAt(body, offset, limitBytes);
    const { type, sizeBytes, bytes } = object;
    objects.push({ oid: hashObject(type, bytes), type, sizeBytes, offset, packedBytes });
    offset += packedBytes;
  }
  if (objects.length !== count)
    throw new CorruptPack(`the pack announces ${count} objects and holds ${objects.length}`);
  return objects;
}

const MIN_CHUNK_BYTES = 64;
const MAX_CHUNK_BYTES = 1024 * 1024;

function readEntryAt(
  pack: Buffer,
  offset: number,
  limitBytes: number,
): { object: UnpackedObject; packedBytes: number } {
  const header = decodeEntryHeader(pack, offset);
  if (!header) throw new CorruptPack('the pack entry has no complete header');
  const { typeCode, sizeBytes, headerBytes } = header;
  const type = objectTypeOfCode(typeCode);
  if (!type)
    throw new CorruptPack(`the pack entry has the unexpected type ${typeCode}; deltas do not belong here`);
  if (sizeBytes > limitBytes) {
    throw new PayloadTooLarge(
      `The object has ${sizeBytes} bytes; at most ${limitBytes} can be read at once.`,
    );
  }
  const { bytes, deflatedBytes } = inflate(pack.subarray(offset + headerBytes), sizeBytes);
  return { object: { type, sizeBytes, bytes }, packedBytes: headerBytes + deflatedBytes };
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
