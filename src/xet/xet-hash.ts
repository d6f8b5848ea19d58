import type { Brand } from '../lib/brand.ts';
import { BadRequest } from '../lib/domain-error.ts';

/**
 * A hash of Xet as its protocol writes it in URLs, JSON and Merkle nodes: 64 lower-case hex digits.
 * It is not the plain hex of the 32 raw bytes: they are read as four 64-bit little-endian numbers, so every group of 8 bytes
 * is written back to front.
 */
export type XetHash = Brand<string, 'XetHash'>;

export const XET_HASH_BYTES = 32;

const XET_HASH = /^[0-9a-f]{64}$/;

/** The hash of a file without bytes. */
export const EMPTY_FILE_HASH = '0'.repeat(64) as XetHash;

/** Only `xetHashText` uses it, from start to end: it saves an allocation for every hash. */
const reversed = Buffer.alloc(XET_HASH_BYTES);

/** @throws {BadRequest} unless `text` is 64 lower-case hex digits. */
export function parseXetHash(text: string): XetHash {
  if (!XET_HASH.test(text)) {
    throw new BadRequest(
      'A Xet hash must be 64 lower-case hexadecimal digits, as the client that uploaded the file computed it.',
    );
  }
  return text as XetHash;
}

/** The text of the 32 raw bytes at `offset`. @throws {RangeError} when fewer bytes are there. */
export function xetHashText(bytes: Uint8Array, offset = 0): XetHash {
  if (offset < 0 || offset + XET_HASH_BYTES > bytes.length) {
    throw new RangeError(`no ${XET_HASH_BYTES} bytes at ${offset} of ${bytes.length}`);
  }
  // `^ 7` counts backwards inside each group of 8.
  for (let i = 0; i < XET_HASH_BYTES; i++) reversed[i] = bytes[offset + (i ^ 7)]!;
  return reversed.toString('hex') as XetHash;
}

/** The 32 raw bytes, as xorbs, shards and the database hold them. */
export function xetHashBytes(hash: XetHash): Buffer {
  return Buffer.from(hash, 'hex').swap64();
}
