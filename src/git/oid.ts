import type { Brand } from '../lib/brand.ts';
import { BadRequest } from '../lib/domain-error.ts';
import { quote } from './quote.ts';

/** A Git object id: a SHA-1 as 40 lower-case hex digits. */
export type Oid = Brand<string, 'Oid'>;

export const OID_BYTES = 20;

const OID = /^[0-9a-f]{40}$/;

/** Stands for "no object" in ref updates; never the id of an object. */
export const ZERO_OID = '0000000000000000000000000000000000000000' as Oid;

/** The id of the tree without entries. */
export const EMPTY_TREE_OID = '4b825dc642cb6eb9a060e54bf8d69288fbee4904' as Oid;

/** @throws {BadRequest} unless `value` is 40 lower-case hex digits. */
export function parseOid(value: string): Oid {
  if (!isOid(value)) {
    throw new BadRequest(
      `${quote(value)} is not a Git object id: expected 40 lower-case hexadecimal digits.`,
    );
  }
  return value;
}

export function isOid(value: string): value is Oid {
  return OID.test(value);
}

/** The 20 raw bytes, as trees, packs and the database hold them. */
export function oidToBytes(oid: Oid): Buffer {
  return Buffer.from(oid, 'hex');
}

/** @throws {RangeError} unless there are exactly 20 bytes. */
export function oidFromBytes(bytes: Uint8Array): Oid {
  if (bytes.length !== OID_BYTES) throw new RangeError(`an object id has 20 bytes, not ${bytes.length}`);
  return Buffer.from(bytes.buffer, bytes.byteOffset, OID_BYTES).toString('hex') as Oid;
}
