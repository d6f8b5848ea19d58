import { expect, test } from 'vitest';
import { BadRequest } from '../errors.ts';
import { parseEmail } from './email.ts';

test('addresses are compared without case and spaces around them', () => {
  expect(parseEmail(' Alice+hub@Example.COM ')).toBe('alice+hub@example.com');
});

test.each([
  '',
  'alice',
  'a@b',
  'a@b@c.de',
  'a@b.c\r\nBcc: x@y.zz',
  'a b@c.de',
  `${'x'.repeat(250)}@b.de`,
  'a\0@b.de',
])('%j is no address', (value) => {
  expect(() => parseEmail(value)).toThrow(BadRequest);
});
