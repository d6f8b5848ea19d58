import type { Brand } from './brand.ts';
import { BadRequest } from './domain-error.ts';

/** A SHA-256 digest as 64 lower-case hex digits. */
export type Sha256 = Brand<string, 'Sha256'>;

export function parseSha256(value: string): Sha256 {
  if (!/^[0-9a-f]{64}$/.test(value)) throw new BadRequest(`Not a sha256: ${JSON.stringify(value.slice(0, 80))}.`);
  return value as Sha256;
}
