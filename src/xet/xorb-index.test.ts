import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { XetFormatError } from './xet-errors.ts';
import {
  decodeXorbIndex,
  encodeXorbIndex,
  rawRangeBytes,
  serializedRange,
  type XorbIndex,
} from './xorb-index.ts';

/** Stored and uncompressed lengths of chunks. */
function indexOf(chunks: readonly (readonly [number, number])[]): XorbIndex {
  let end = 0;
  return {
    hashes: Buffer.concat(chunks.map((_, i) => Buffer.alloc(32, i))),
    ends: Uint32Array.from(chunks, ([storedBytes]) => (end += 8 + storedBytes)),
    lengths: Uint32Array.from(chunks, ([, lengthBytes]) => lengthBytes),
  };
}

const INDEX = indexOf([
  [10, 10],
  [5, 100],
  [262_144, 131_072],
]);

function entry(end: number, lengthBytes: number): Buffer {
  const bytes = Buffer.alloc(40, 7);
  bytes.writeUInt32LE(end, 32);
  bytes.writeUInt32LE(lengthBytes, 36);
  return bytes;
}

describe('the stored index of a xorb', () => {
  it('has 40 bytes a chunk: hash, end, length', () => {
    const bytes = encodeXorbIndex(INDEX);
    expect(bytes.length).toBe(120);
    expect(bytes.subarray(40, 80).toString('hex')).toBe(`${'01'.repeat(32)}1f00000064000000`);
  });

  it('comes back as it was', () => {
    const chunks = fc.array(
      fc.tuple(fc.integer({ min: 1, max: 262_144 }), fc.integer({ min: 1, max: 131_072 })),
      { minLength: 1, maxLength: 50 },
    );
    fc.assert(
      fc.property(chunks, (lengths) => {
        const index = indexOf(lengths);
        expect(decodeXorbIndex(encodeXorbIndex(index))).toEqual(index);
      }),
    );
  });

  it('does not keep the bytes that it was read from', () => {
    const bytes = encodeXorbIndex(INDEX);
    const index = decodeXorbIndex(bytes);
    bytes.fill(0);
    expect(index).toEqual(INDEX);
  });

  it.for([
    ['nothing', Buffer.alloc(0)],
    ['half an entry', Buffer.alloc(20, 1)],
    ['an entry and a byte', Buffer.concat([entry(20, 12), Buffer.alloc(1)])],
    ['too many entries', Buffer.alloc(40 * 8193, 1)],
    ['a chunk without stored bytes', entry(8, 12)],
    ['a chunk that ends before it begins', Buffer.concat([entry(20, 12), entry(19, 12)])],
    ['a chunk with too many stored bytes', entry(8 + 262_145, 12)],
    ['a chunk without content', entry(20, 0)],
    ['a chunk with too much content', entry(20, 131_073)],
  ] as const)('refuses %s', ([, bytes]) => {
    expect(() => decodeXorbIndex(bytes)).toThrow(XetFormatError);
  });
});

describe('ranges of chunks', () => {
  it('are bytes of the serialized xorb, headers included', () => {
    expect(serializedRange(INDEX, 0, 1)).toEqual({ start: 0, end: 18 });
    expect(serializedRange(INDEX, 1, 2)).toEqual({ start: 18, end: 31 });
    expect(serializedRange(INDEX, 0, 3)).toEqual({ start: 0, end: 31 + 262_152 });
  });

  it('have an uncompressed length', () => {
    expect(rawRangeBytes(INDEX, 0, 2)).toBe(110);
    expect(rawRangeBytes(INDEX, 2, 3)).toBe(131_072);
  });

  it.for([
    [1, 1],
    [2, 1],
    [0, 4],
    [-1, 1],
  ] as const)('refuses chunks %i to %i', ([start, end]) => {
    expect(() => serializedRange(INDEX, start, end)).toThrow(RangeError);
    expect(() => rawRangeBytes(INDEX, start, end)).toThrow(RangeError);
  });
});
