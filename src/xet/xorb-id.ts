import { createHash } from 'node:crypto';
import type { Brand } from '../lib/brand.ts';
import { type XetHash, xetHashBytes } from './xet-hash.ts';

/**
 * Names a xorb in one serialized form: the same chunks, compressed in two ways, are two of them. Plain lower-case hex of 32 bytes. Ids are
 * the hub's own: clients know hashes of xorbs, never ids.
 */
export type XorbId = Brand<string, 'XorbId'>;

export const XORB_ID_BYTES = 32;

/** @param form what tells this form of the xorb from others: 32 bytes. */
export function xorbIdOf(hash: XetHash, form: Uint8Array): XorbId {
  return createHash('sha256').update(xetHashBytes(hash)).update(form).digest('hex') as XorbId;
}

/** The id in the 32 bytes at `offset`. */
export function xorbIdText(bytes: Uint8Array, offset = 0): XorbId {
  const { buffer, byteOffset } = bytes;
  return Buffer.from(buffer, byteOffset + offset, XORB_ID_BYTES).toString('hex') as XorbId;
}

/** The 32 bytes, as the database holds them. */
export function xorbIdBytes(id: XorbId): Buffer {
  return Buffer.from(id, 'hex');
}
