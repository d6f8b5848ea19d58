import { expect, test } from 'vitest';
import { BadRequest, Unavailable } from '../errors.ts';
import { parseNewPassword } from './password.ts';
import { PasswordHasher } from './password-hasher.ts';

test('a hash is argon2id, salted, and fits only its password', async () => {
  const hasher = new PasswordHasher();
  const password = parseNewPassword('correct horse');
  const [first, second] = await Promise.all([hasher.hash(password), hasher.hash(password)]);
  expect(first).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
  expect(second).not.toBe(first);
  await expect(hasher.verify(first, 'correct horse')).resolves.toBe(true);
  await expect(hasher.verify(first, 'correct horse ')).resolves.toBe(false);
  await expect(hasher.verify(null, 'correct horse')).resolves.toBe(false);
});

test('characters after the longest allowed password count', async () => {
  const hasher = new PasswordHasher();
  const longest = 'x'.repeat(1024);
  const stored = await hasher.hash(parseNewPassword(longest));
  await expect(hasher.verify(stored, longest)).resolves.toBe(true);
  await expect(hasher.verify(stored, `${longest}y`)).resolves.toBe(false);
});

test('more passwords than can wait are turned away, the others are answered', async () => {
  const hasher = new PasswordHasher();
  const results = await Promise.allSettled(Array.from({ length: 110 }, () => hasher.verify(null, 'guess')));
  const refused = results.filter((result) => result.status === 'rejected');
  expect(refused).toHaveLength(8);
  for (const { reason } of refused) expect(reason).toBeInstanceOf(Unavailable);
  await expect(hasher.verify(null, 'guess')).resolves.toBe(false);
});

test.each(['', '1234567', 'x'.repeat(1025)])('%s is no new password', (value) => {
  expect(() => parseNewPassword(value)).toThrow(BadRequest);
});
