import { hash } from 'node:crypto';

import type { Sha256 } from '../lib/sha256.ts';
import { hashObject } from './object.ts';
import { OID_BYTES, oidFromBytes } from './oid.ts';
import type { Oid } from './oid.ts';
import { buildPack } from './pack-writer.ts';
import type { ObjectToPack, Pack, PackedObject } from './pack-writer.ts';

/** A segment of blobs. `oids` and `sha256s` follow the input; equal blobs share one of `entries`. */
export interface PackedBlobs extends Pack {
  readonly oids: readonly Oid[];
  readonly sha256s: readonly Sha256[];
}

/** Hashes, deflates and packs in the calling thread. */
export function packBlobsHere(blobs: readonly Uint8Array[]): PackedBlobs {
  const objects = blobs.map((bytes): ObjectToPack => ({
    oid: hashObject('blob', bytes),
    type: 'blob',
    bytes,
  }));
  return {
    ...buildPack(objects),
    oids: objects.map((object) => object.oid),
    sha256s: blobs.map((bytes) => hash('sha256', bytes, 'hex') as Sha256),
  };
}

/** Blobs as they travel to a worker: end to end, so that ten thousand of them are one message. */
export interface PackJob {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly sizes: Float64Array<ArrayBuffer>;
}

/** `PackedBlobs` as it travels back: typed arrays are moved between threads, objects would be copied one by one. */
export interface PackJobResult {
  readonly pack: Uint8Array<ArrayBuffer>;
  readonly idx: Uint8Array<ArrayBuffer>;
  readonly packSum: Uint8Array<ArrayBuffer>;
  readonly oids: Uint8Array<ArrayBuffer>;
  readonly sha256s: Uint8Array<ArrayBuffer>;
  /** Per entry of the pack, in pack order: which blob of the input it holds first, its offset, length and CRC-32. */
  readonly blobs: Uint32Array<ArrayBuffer>;
  readonly offsets: Float64Array<ArrayBuffer>;
  readonly packedBytes: Uint32Array<ArrayBuffer>;
  readonly crc32s: Uint32Array<ArrayBuffer>;
}

const SHA256_BYTES = 32;

/** Copies the blobs, so the caller keeps its buffers. */
export function concatenate(blobs: readonly Uint8Array[]): PackJob {
  const sizes = Float64Array.from(blobs, (blob) => blob.length);
  const bytes = new Uint8Array(sizes.reduce((sum, size) => sum + size, 0));
  let at = 0;
  for (const blob of blobs) {
    bytes.set(blob, at);
    at += blob.length;
  }
  return { bytes, sizes };
}

/** The worker's side: from one message to the other. */
export function packConcatenated(job: PackJob): PackJobResult {
  const { pack, idx, packSum, entries, oids, sha256s } = packBlobsHere(split(job));
  const firstBlob = new Map<Oid, number>();
  for (const [i, oid] of oids.entries()) if (!firstBlob.has(oid)) firstBlob.set(oid, i);
  return {
    pack: owned(pack),
    idx: owned(idx),
    packSum: owned(packSum),
    oids: hexToBytes(oids, OID_BYTES),
    sha256s: hexToBytes(sha256s, SHA256_BYTES),
    blobs: Uint32Array.from(entries, (entry) => firstBlob.get(entry.oid)!),
    offsets: Float64Array.from(entries, (entry) => entry.offset),
    packedBytes: Uint32Array.from(entries, (entry) => entry.packedBytes),
    crc32s: Uint32Array.from(entries, (entry) => entry.crc32),
  };
}

/** The buffers of a result, to be moved instead of copied. */
export function transferables(result: PackJobResult): ArrayBuffer[] {
  return Object.values(result).map((array: Uint8Array<ArrayBuffer>) => array.buffer);
}

/** The caller's side. `sizes` are those of the job. */
export function toPackedBlobs(result: PackJobResult, sizes: readonly number[]): PackedBlobs {
  const oids = sizes.map((_, i) => oidFromBytes(result.oids.subarray(i * OID_BYTES, (i + 1) * OID_BYTES)));
  const entries = Array.from(result.blobs, (blob, i): PackedObject => ({
    oid: oids[blob]!,
    type: 'blob',
    sizeBytes: sizes[blob]!,
    offset: result.offsets[i]!,
    packedBytes: result.packedBytes[i]!,
    crc32: result.crc32s[i]!,
  }));
  return {
    pack: asBuffer(result.pack),
    idx: asBuffer(result.idx),
    packSum: asBuffer(result.packSum),
    entries,
    oids,
    sha256s: bytesToHex(result.sha256s, SHA256_BYTES) as Sha256[],
  };
}

function split({ bytes, sizes }: PackJob): Uint8Array[] {
  const blobs: Uint8Array[] = [];
  let at = 0;
  for (const size of sizes) {
    blobs.push(bytes.subarray(at, at + size));
    at += size;
  }
  return blobs;
}

function hexToBytes(ids: readonly string[], bytesEach: number): Uint8Array<ArrayBuffer> {
  const bytes = Buffer.alloc(ids.length * bytesEach);
  for (const [i, id] of ids.entries()) bytes.write(id, i * bytesEach, 'hex');
  return bytes;
}

function bytesToHex(bytes: Uint8Array<ArrayBuffer>, bytesEach: number): string[] {
  const buffer = asBuffer(bytes);
  const ids: string[] = [];
  for (let at = 0; at < buffer.length; at += bytesEach) ids.push(buffer.toString('hex', at, at + bytesEach));
  return ids;
}

/** Small buffers may be slices of Node's shared pool, which must not be moved away. */
function owned(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const { buffer } = bytes;
  const isWhole = buffer instanceof ArrayBuffer && buffer.byteLength === bytes.length;
  return isWhole ? new Uint8Array(buffer) : new Uint8Array(bytes);
}

function asBuffer(bytes: Uint8Array<ArrayBuffer>): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
}
