import { expect, it } from 'vitest';
import { XET_HASH_BYTES } from '../../xet/xet-hash.ts';
import { maskIndex } from './dedup-mask.ts';

const index = {
  hashes: Buffer.concat(Array.from({ length: 5 }, (_, i) => Buffer.alloc(XET_HASH_BYTES, i + 1))),
  lengths: Uint32Array.of(100, 200, 300, 400, 500),
  ends: Uint32Array.of(10, 30, 60, 100, 150),
};

function hashesOf({ hashes }: { readonly hashes: Buffer }): number[] {
  return Array.from({ length: hashes.length / XET_HASH_BYTES }, (_, i) => {
    const hash = hashes.subarray(i * XET_HASH_BYTES, (i + 1) * XET_HASH_BYTES);
    return hash.every((byte) => byte === hash[0]) ? hash[0]! : 0;
  });
}

it('shows all chunks inside one range', () => {
  const masked = maskIndex(index, [{ start: 0, end: 150 }]);
  expect(hashesOf(masked)).toEqual([1, 2, 3, 4, 5]);
  expect([...masked.lengths]).toEqual([100, 200, 300, 400, 500]);
});

it('hides what lies before and between, and drops what lies behind', () => {
  const masked = maskIndex(index, [
    { start: 10, end: 30 },
    { start: 60, end: 100 },
  ]);
  expect(hashesOf(masked)).toEqual([0, 2, 0, 4]);
  expect([...masked.lengths]).toEqual([1, 200, 1, 400]);
  expect(masked.ends.at(-1)).toBe(602);
});

it('hides chunks that lie in no range completely', () => {
  const masked = maskIndex(index, [
    { start: 5, end: 60 },
    { start: 60, end: 99 },
  ]);
  expect(hashesOf(masked)).toEqual([0, 2, 3]);
  expect(hashesOf(maskIndex(index, []))).toEqual([]);
});

it('leaves the index that it was given as it is', () => {
  const before = Buffer.from(index.hashes);
  maskIndex(index, [{ start: 30, end: 60 }]);
  expect(index.hashes.equals(before)).toBe(true);
  expect([...index.lengths]).toEqual([100, 200, 300, 400, 500]);
});
