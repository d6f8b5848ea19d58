import { expect, test } from 'vitest';
import { hashSecret, newAccessToken, newSecret, publicSessionSecret } from './secrets.ts';

test('access tokens look as huggingface_hub and secret scanners expect', () => {
  const tokens = new Set(Array.from({ length: 100 }, newAccessToken));
  expect(tokens.size).toBe(100);
  for (const token of tokens) expect(token).toMatch(/^hf_[A-Za-z0-9]{40}$/);
});

test('secrets are stored as SHA-256', () => {
  expect(hashSecret('abc').toString('hex')).toBe(
    'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
  );
  expect(newSecret()).toMatch(/^[\w-]{43}$/);
});

test('the public session secret is stable and tells nothing of the cookie', () => {
  const secret = newSecret();
  expect(publicSessionSecret(secret)).toBe(publicSessionSecret(secret));
  expect(publicSessionSecret(secret)).toMatch(/^[0-9a-f]{32}$/);
  expect(publicSessionSecret(secret)).not.toBe(publicSessionSecret(newSecret()));
});
