import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { parseSha256 } from '../../lib/sha256.ts';
import { Forbidden } from '../errors.ts';
import { type UploadClaim, uploadTokens } from './upload-tokens.ts';

const claim: UploadClaim = {
  uploadId: '0f0e0d0c-0b0a-4908-8706-050403020100',
  repoId: 7,
  uploaderId: 3,
  sha256: parseSha256('ab'.repeat(32)),
  expiresAt: 1000,
};

describe('uploadTokens', () => {
  const tokens = uploadTokens(randomBytes(32));

  it('reads what it signed, until it expires', () => {
    const token = tokens.sign(claim);
    expect(tokens.read(token, 999)).toEqual(claim);
    expect(() => tokens.read(token, 1000)).toThrow(/expired/);
  });

  it('refuses everything else', () => {
    const token = tokens.sign(claim);
    const [payload = '', mac = ''] = token.split('.');
    const altered = Buffer.from(JSON.stringify({ ...claim, repoId: 8 })).toString('base64url');
    const foreign = uploadTokens(randomBytes(32)).sign(claim);
    for (const bad of [
      '',
      '.',
      payload,
      `${payload}.`,
      `${altered}.${mac}`,
      `${token}.`,
      foreign,
      'x'.repeat(5000),
    ])
      expect(() => tokens.read(bad, 0)).toThrow(Forbidden);
  });
});
