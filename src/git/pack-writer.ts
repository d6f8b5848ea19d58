import { createHash } from 'node:crypto';

import type { Oid } from './oid.ts';
import { deflateEntry, encodePackHeader, PACK_HEADER_BYTES } from './pack-entry.ts';
import type { ObjectToPack, PackedObject } from './pack-entry.ts';
import { encodeIdx } from './pack-index.ts';

export type { ObjectToPack, PackedObject } from './pack-entry.ts';

/** A self-contained, undeltified pack with its own index: one segment. */
export interface Pack {
  readonly pack: Buffer;
  readonly idx: Buffer;
  /** The 20-byte checksum at the end of the pack; Git names pack files after it. */
  readonly packSum: Buffer;
  /** In pack order. */
  readonly entries: readonly PackedObject[];
}

/** Builds a segment in memory. An object given twice is stored once. Blocks while it deflates, see `deflateEntry`. */
export function buildPack(objects: readonly ObjectToPack[]): Pack {
  const parts: Buffer[] = [Buffer.alloc(PACK_HEADER_BYTES)];
  const entries: PackedObject[] = [];
  const seen = new Set<Oid>();
  let offset = PACK_HEADER_BYTES;
  for (const { oid, type, bytes } of objects) {
    if (seen.has(oid)) continue;
    seen.add(oid);
    const { header, body, crc32 } = deflateEntry(type, bytes);
    const packedBytes = header.length + body.length;
    parts.push(header, body);
    entries.push({ oid, type, sizeBytes: bytes.length, offset, packedBytes, crc32 });
    offset += packedBytes;
  }
  parts[0] = encodePackHeader(entries.length);
  const packSum = checksum(parts);
  return { pack: Buffer.concat([...parts, packSum]), idx: encodeIdx(entries, packSum), packSum, entries };
}

function checksum(parts: readonly Buffer[]): Buffer {
  const hash = createHash('sha1');
  for (const part of parts) hash.update(part);
  return hash.digest();
}
