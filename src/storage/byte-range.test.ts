import { describe, expect, it } from 'vitest';
import { parseRangeHeader, rangeHeader, spanOf } from './byte-range.ts';
import { RangeNotSatisfiable } from './errors.ts';

describe('spanOf', () => {
  it.each([
    [undefined, 10, { offsetBytes: 0, lengthBytes: 10 }],
    [undefined, 0, { offsetBytes: 0, lengthBytes: 0 }],
    [{ start: 0 }, 10, { offsetBytes: 0, lengthBytes: 10 }],
    [{ start: 9, end: 99 }, 10, { offsetBytes: 9, lengthBytes: 1 }],
    [{ lastBytes: 3 }, 10, { offsetBytes: 7, lengthBytes: 3 }],
    [{ lastBytes: 30 }, 10, { offsetBytes: 0, lengthBytes: 10 }],
  ])('fits %j to %d bytes', (range, sizeBytes, span) => {
    expect(spanOf(range, sizeBytes)).toEqual(span);
  });

  it.each([
    [{ start: 10 }, 10],
    [{ start: 0 }, 0],
    [{ start: 5, end: 4 }, 10],
    [{ start: -1 }, 10],
    [{ lastBytes: 0 }, 10],
    [{ lastBytes: 1 }, 0],
  ])('refuses %j of %d bytes', (range, sizeBytes) => {
    expect(() => spanOf(range, sizeBytes)).toThrow(RangeNotSatisfiable);
  });
});

describe('the Range header', () => {
  it.each([
    ['bytes=0-0', { start: 0, end: 0 }],
    ['bytes=5-', { start: 5 }],
    ['bytes=-5', { lastBytes: 5 }],
    ['Bytes=1-2', { start: 1, end: 2 }],
  ])('reads %s', (header, range) => {
    expect(parseRangeHeader(header)).toEqual(range);
    expect(rangeHeader(range)).toBe(header.toLowerCase());
  });

  it.each([
    undefined,
    '',
    'bytes=',
    'bytes=-',
    'bytes=5-4',
    'bytes=0-1,3-4',
    'items=0-1',
    'bytes=a-b',
    'bytes=0-9999999999999999999999',
  ])('ignores %j', (header) => {
    expect(parseRangeHeader(header)).toBeUndefined();
  });
});
