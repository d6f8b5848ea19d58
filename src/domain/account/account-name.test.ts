import { expect, test } from 'vitest';
import { BadRequest } from '../errors.ts';
import { parseNewAccountName } from './account-name.ts';

test.each(['alice', 'Alice', 'a', 'a.b', 'a-b_c', 'user1', 'apis', '0x'])('%s is a possible name', (name) => {
  expect(parseNewAccountName(name, 'username')).toBe(name);
});

test.each([
  'models',
  'API',
  'users',
  'whoami-v2',
  'WhoAmI_V2',
  'openapi.json',
  'Reset_Password',
  '_storage',
  '_x',
])('%s is reserved', (name) => {
  expect(() => parseNewAccountName(name, 'username')).toThrow(/reserved/);
});

test.each(['', '../x', 'a b', 'a/b', '-a', 'a-', '.a', 'a..b', 'a--b', 'x.git', 'a\0', 'ä', 'x'.repeat(97)])(
  '%j breaks the rule',
  (name) => {
    expect(() => parseNewAccountName(name, 'username')).toThrow(BadRequest);
  },
);
