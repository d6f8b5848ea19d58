import type { Brand } from './brand.ts';
import { BadRequest } from './domain-error.ts';

/** A SHA-256 as 64 lower-case hex digits. */
export type Sha256 = Brand<string, 'Sha256'>;

const SHA256 = /^[0-9a-f]{64}$/;

/** @throws {BadRequest} unless `value` is 64 lower-case hex digits. */
export function parseSha256(value: string): Sha256 {
  if (!isSha256(value)) throw new BadRequest('A SHA-256 must be 64 lower-case hexadecimal digits.');
  return value;
}

export function isSha256(value: string): value is Sha256 {
  return SHA256.test(value);
}

/** The 32 raw bytes, as the database holds them. */
export function sha256ToBytes(sha256: Sha256): Buffer {
  return Buffer.from(sha256, 'hex');
}

/** @throws {RangeError} unless there are exactly 32 bytes. */
export function sha256FromBytes(bytes: Uint8Array): Sha256 {
  if (bytes.length !== 32) throw new RangeError(`a SHA-256 has 32 bytes, not ${bytes.length}`);
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('hex') as Sha256;
}
