import { describe, expect, it } from 'vitest';

import { BadRequest } from './domain-error.ts';
import { isSha256, parseSha256 } from './sha256.ts';

describe('parseSha256', () => {
  it('takes 64 lower-case hex digits', () => {
    expect(parseSha256('ab'.repeat(32))).toBe('ab'.repeat(32));
  });

  it.for(['', 'ab'.repeat(31), 'AB'.repeat(32), `${'ab'.repeat(32)}\n`, 'zz'.repeat(32)])(
    'refuses %j',
    (value) => {
      expect(isSha256(value)).toBe(false);
      expect(() => parseSha256(value)).toThrow(BadRequest);
    },
  );
});
