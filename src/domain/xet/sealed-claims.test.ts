import { randomBytes } from 'node:crypto';
import { expect, it } from 'vitest';
import type { Expiring } from '../signed-claims.ts';
import { SealedClaims } from './sealed-claims.ts';

interface Claim extends Expiring {
  readonly id: number;
}

const secret = randomBytes(32);
const soon = Date.now() + 60_000;

function claims(context = 'test.', key: Uint8Array = secret): SealedClaims<Claim> {
  const errors = { notValid: () => new Error('not valid'), expired: () => new Error('expired') };
  return new SealedClaims({ secret: key, context, ...errors });
}

it('gives back what was sealed, here and on another node', () => {
  const claim = { id: 7, expiresAt: soon };
  expect(claims().read(claims().seal(claim))).toEqual(claim);
});

it('shows nothing of it: neither a number nor how long it is', () => {
  const tokens = [7, 8, 1_234_567_890].map((id) => claims().seal({ id, expiresAt: soon }));
  expect(new Set(tokens.map((token) => token.length)).size).toBe(1);
  for (const token of tokens) expect(Buffer.from(token, 'base64url').toString('latin1')).not.toMatch(/id/);
  expect(claims().seal({ id: 7, expiresAt: soon })).not.toBe(tokens[0]);
});

it('refuses what was changed, shortened, written otherwise or sealed for something else', () => {
  const token = claims().seal({ id: 7, expiresAt: soon });
  const bytes = Buffer.from(token, 'base64url');
  for (let at = 0; at < bytes.length; at++) {
    const other = Buffer.from(bytes);
    other[at]! ^= 1;
    expect(() => claims().read(other.toString('base64url'))).toThrow('not valid');
  }
  for (let length = 0; length < token.length; length++)
    expect(() => claims().read(token.slice(0, length))).toThrow('not valid');
  for (const other of [`${token}=`, ` ${token}`, `${token}.`, `${token}${'A'.repeat(1000)}`])
    expect(() => claims().read(other)).toThrow('not valid');
  expect(() => claims('other.').read(token)).toThrow('not valid');
  expect(() => claims('test.', randomBytes(32)).read(token)).toThrow('not valid');
});

it('ends', () => {
  const token = claims().seal({ id: 7, expiresAt: soon });
  expect(() => claims().read(token, soon)).toThrow('expired');
});
