import { createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { parseSha256 } from '../lib/sha256.ts';
import { SignatureExpired, SignatureInvalid } from './errors.ts';
import { parseObjectKey } from './keys.ts';
import type { Grant } from './url-signer.ts';
import { UrlSigner } from './url-signer.ts';

const SECRET = Buffer.alloc(32, 1);
const EXPIRES_AT = 1_000_000;
const key = parseObjectKey('lfs/ab/cd/abcd');
const signer = new UrlSigner(SECRET);

const GRANTS: readonly Grant[] = [
  { action: 'get', key, expiresAt: EXPIRES_AT, filename: 'ünï "quoted".bin', contentType: 'text/plain' },
  { action: 'put', key, expiresAt: EXPIRES_AT, sizeBytes: 12, sha256: parseSha256('0'.repeat(64)) },
  { action: 'put-part', key, expiresAt: EXPIRES_AT, uploadId: 'u', partNumber: 3, sizeBytes: 12 },
];

describe('UrlSigner', () => {
  it.each(GRANTS)('gives back what it signed: $action', (grant) => {
    expect(signer.verify(signer.sign(grant), EXPIRES_AT - 1)).toEqual(grant);
  });

  it.each(GRANTS)('refuses every change of one character: $action', (grant) => {
    const token = signer.sign(grant);
    for (let at = 0; at < token.length; at += 1) {
      const changed = token.slice(0, at) + (token[at] === 'A' ? 'B' : 'A') + token.slice(at + 1);
      expect(() => signer.verify(changed, 0)).toThrow(SignatureInvalid);
    }
  });

  it('refuses what another secret, or the same secret for another purpose, has signed', () => {
    const [grant] = GRANTS as [Grant];
    const token = signer.sign(grant);
    expect(() => new UrlSigner(Buffer.alloc(32, 2)).verify(token, 0)).toThrow(SignatureInvalid);
    const payload = token.slice(0, token.indexOf('.'));
    const foreign = createHmac('sha256', SECRET).update(payload).digest('base64url');
    expect(() => signer.verify(`${payload}.${foreign}`, 0)).toThrow(SignatureInvalid);
  });

  it.each(['', '.', 'a', 'a.b', 'a.b.c', '..', 'é.é', 'x'.repeat(100_000)])('refuses junk', (token) => {
    expect(() => signer.verify(token, 0)).toThrow(SignatureInvalid);
  });

  it('refuses padding and a second signature', () => {
    const token = signer.sign(GRANTS[0] as Grant);
    for (const changed of [`${token}=`, `${token}.${token}`, ` ${token}`]) {
      expect(() => signer.verify(changed, 0)).toThrow(SignatureInvalid);
    }
  });

  it('ends at the expiry, to the millisecond', () => {
    const token = signer.sign(GRANTS[0] as Grant);
    expect(() => signer.verify(token, EXPIRES_AT)).toThrow(SignatureExpired);
  });

  it('takes no short secret', () => {
    expect(() => new UrlSigner(Buffer.alloc(31))).toThrow(TypeError);
  });
});
