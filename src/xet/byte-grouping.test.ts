import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { groupBytes } from '../../test/fuzz/xet-samples.ts';
import { ungroupBytes } from './byte-grouping.ts';

function ungrouped(grouped: Uint8Array): number[] {
  const target = new Uint8Array(grouped.length);
  ungroupBytes(grouped, target);
  return [...target];
}

describe('ungroupBytes', () => {
  it.for([
    [[], []],
    [[1], [1]],
    [
      [1, 2],
      [1, 2],
    ],
    [
      [1, 2, 3],
      [1, 2, 3],
    ],
    [
      [1, 5, 2, 3, 4],
      [1, 2, 3, 4, 5],
    ],
    [
      [1, 5, 2, 6, 3, 4],
      [1, 2, 3, 4, 5, 6],
    ],
    [
      [1, 5, 2, 6, 3, 7, 4],
      [1, 2, 3, 4, 5, 6, 7],
    ],
    [
      [1, 5, 2, 6, 3, 7, 4, 8],
      [1, 2, 3, 4, 5, 6, 7, 8],
    ],
  ])('puts %j back', ([grouped, bytes]) => {
    expect(ungrouped(Uint8Array.from(grouped!))).toEqual(bytes);
  });

  it('undoes grouping for any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        expect(ungrouped(groupBytes(bytes))).toEqual([...bytes]);
      }),
    );
  });

  it('refuses a target of another length', () => {
    expect(() => ungroupBytes(new Uint8Array(4), new Uint8Array(5))).toThrow(RangeError);
  });
});
