import { describe, expect, it } from 'vitest';

import { BadRequest } from '../lib/domain-error.ts';
import { EMPTY_FILE_HASH, parseXetHash, xetHashBytes, xetHashText } from './xet-hash.ts';

const COUNTING = Buffer.from(Array.from({ length: 32 }, (_, i) => i));
const COUNTING_TEXT = '07060504030201000f0e0d0c0b0a090817161514131211101f1e1d1c1b1a1918';

describe('Xet hashes', () => {
  it('are 64 lower-case hex digits', () => {
    expect(parseXetHash(COUNTING_TEXT)).toBe(COUNTING_TEXT);
    for (const text of [
      '',
      COUNTING_TEXT.toUpperCase(),
      COUNTING_TEXT.slice(1),
      `${COUNTING_TEXT}0`,
      `${COUNTING_TEXT}\n`,
      'g'.repeat(64),
    ]) {
      expect(() => parseXetHash(text)).toThrow(BadRequest);
    }
  });

  it('are written with every 8 bytes back to front', () => {
    expect(xetHashText(COUNTING)).toBe(COUNTING_TEXT);
    expect(xetHashBytes(parseXetHash(COUNTING_TEXT))).toEqual(COUNTING);
  });

  it('are read at an offset, of plain arrays too', () => {
    const bytes = new Uint8Array([9, ...COUNTING, 9]);
    expect(xetHashText(bytes, 1)).toBe(COUNTING_TEXT);
    expect(xetHashText(bytes.subarray(1))).toBe(COUNTING_TEXT);
  });

  it('are never read beyond the bytes', () => {
    expect(() => xetHashText(COUNTING, 1)).toThrow(RangeError);
    expect(() => xetHashText(COUNTING, -1)).toThrow(RangeError);
    expect(() => xetHashText(COUNTING.subarray(1))).toThrow(RangeError);
  });

  it('have a special value for the empty file', () => {
    expect(xetHashBytes(EMPTY_FILE_HASH)).toEqual(Buffer.alloc(32));
    expect(xetHashText(Buffer.alloc(32))).toBe(EMPTY_FILE_HASH);
  });
});
