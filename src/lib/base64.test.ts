import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { decodeBase64 } from './base64.ts';

it('gives back what was encoded', () => {
  fc.assert(
    fc.property(fc.uint8Array(), (bytes) => {
      expect(decodeBase64(Buffer.from(bytes).toString('base64'))).toEqual(Buffer.from(bytes));
    }),
  );
});

it('takes exactly the texts of RFC 4648 section 4', () => {
  const letters = fc.constantFrom(
    'A',
    'z',
    '0',
    '+',
    '/',
    '=',
    '-',
    '_',
    ' ',
    '\n',
    '\0',
    'é',
    '\u{141}',
    '\u{1f600}',
  );
  fc.assert(
    fc.property(fc.array(letters, { maxLength: 9 }), (parts) => {
      const text = parts.join('');
      const isBase64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(text);
      expect(decodeBase64(text) !== null).toBe(isBase64);
    }),
    { numRuns: 2000 },
  );
});
