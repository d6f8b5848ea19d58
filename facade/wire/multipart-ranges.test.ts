import { describe, expect, it } from 'vitest';
import { requestedSpans } from './multipart-ranges.ts';

describe('requestedSpans', () => {
  it.for([
    ['bytes=0-0', [{ start: 0, end: 0 }]],
    ['bytes=5-9', [{ start: 5, end: 9 }]],
    [
      'BYTES=5-9, 20-29,30-30',
      [
        { start: 5, end: 9 },
        { start: 20, end: 29 },
        { start: 30, end: 30 },
      ],
    ],
    [
      'bytes=20-29,5-9',
      [
        { start: 20, end: 29 },
        { start: 5, end: 9 },
      ],
    ],
  ] as const)('reads %s', ([header, spans]) => {
    expect(requestedSpans(header)).toEqual(spans);
  });

  it.for([
    undefined,
    '',
    'bytes=',
    'bytes=5-',
    'bytes=-5',
    'bytes=9-5',
    'bytes=0-1,9-5',
    'bytes=0-1,',
    'bytes=0-1,5-',
    'bytes=0-9999999999999999',
    'items=0-1',
  ])('ignores %s', (header) => {
    expect(requestedSpans(header)).toBe(null);
  });
});
