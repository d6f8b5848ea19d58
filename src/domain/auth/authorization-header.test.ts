import { expect, test } from 'vitest';
import { InvalidCredentials } from '../errors.ts';
import { parseAuthorization } from './authorization-header.ts';

const basic = (text: string): string => `Basic ${Buffer.from(text).toString('base64')}`;

test.each([
  'Bearer hf_a',
  'bearer hf_a',
  'BEARER   hf_a ',
  'Bearer hf_a|https://huggingface.co,hf_other',
  'Bearer hf_a|',
  basic('alice:hf_a'),
  basic('hf_a:'),
  basic(':hf_a'),
])('%s claims a token', (header) => {
  expect(parseAuthorization(header)).toEqual({ kind: 'token', token: 'hf_a' });
});

test.each([undefined, '', '  ', 'Bearer', 'Bearer ', 'Bearer |https://huggingface.co,hf_other'])(
  '%s claims nothing',
  (header) => {
    expect(parseAuthorization(header)).toEqual({ kind: 'none' });
  },
);

test('a Basic password may hold colons and any characters', () => {
  expect(parseAuthorization(basic('alice:pass:wörd'))).toEqual({
    kind: 'password',
    username: 'alice',
    password: 'pass:wörd',
  });
});

test.each(['Digest username="a"', 'Basic', 'Basic !!!', basic('no colon'), 'hf_a', '|x'])(
  '%s is refused',
  (header) => {
    expect(() => parseAuthorization(header)).toThrow(InvalidCredentials);
  },
);
