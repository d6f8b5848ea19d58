import { describe, expect, it } from 'vitest';
import { isFresh, requestedRange } from './byte-range.ts';

describe('requestedRange', () => {
  it.each([
    [{ range: 'bytes=0-3' }, { start: 0, end: 3 }],
    [{ range: 'bytes=5-' }, { start: 5 }],
    [{ range: 'bytes=-5' }, { lastBytes: 5 }],
    [
      { range: 'bytes=0-3', 'if-range': '"a"' },
      { start: 0, end: 3 },
    ],
    [{ range: 'bytes=0-3', 'if-range': '"b"' }, undefined],
    [{ range: 'bytes=0-3', 'if-range': 'W/"a"' }, undefined],
    [{ range: 'bytes=3-0' }, undefined],
    [{ range: 'bytes=0-1,3-4' }, undefined],
    [{ range: 'bytes=-' }, undefined],
    [{ range: 'lines=0-3' }, undefined],
    [{}, undefined],
  ])('%j: %j', (headers, range) => {
    expect(requestedRange(headers, '"a"')).toEqual(range);
  });
});

describe('isFresh', () => {
  it.each([
    ['"a"', true],
    ['W/"a"', true],
    ['"b", "a"', true],
    ['*', true],
    ['"b"', false],
    ['a', false],
    [undefined, false],
  ])('%s: %s', (known, fresh) => {
    expect(isFresh({ 'if-none-match': known }, '"a"')).toBe(fresh);
  });
});
