import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { applyDelta, readDeltaSizes } from './delta.ts';
import { CorruptPack } from './pack-index.ts';

const BASE = Buffer.from('0123456789');

function delta(...bytes: number[]): Buffer {
  return Buffer.from(bytes);
}

function outcomeOf(apply: () => Buffer): Buffer | 'refused' {
  try {
    return apply();
  } catch (error) {
    if (error instanceof CorruptPack) return 'refused';
    throw error;
  }
}

describe('a delta', () => {
  it('copies parts of its base and brings bytes of its own', () => {
    // Ten bytes become seven: two from 3 on, "ab", and the first three.
    const made = applyDelta(BASE, delta(10, 7, 0x91, 3, 2, 2, 0x61, 0x62, 0x90, 3));
    expect(made.toString()).toBe('34ab012');
  });

  it('means 65,536 bytes by a copy of none', () => {
    const base = Buffer.alloc(0x10000, 'x');
    const head = [0x80, 0x80, 0x04, 0x80, 0x80, 0x04];
    expect(applyDelta(base, delta(...head, 0x80)).equals(base)).toBe(true);
  });

  it.each([
    ['is empty', []],
    ['has a head that is cut off', [0x8a]],
    ['has an endless head', Array.from({ length: 20 }, () => 0xff)],
    ['was made for another base', [9, 1, 0x90, 1]],
    ['copies from behind its base', [10, 4, 0x91, 8, 4]],
    ['copies from far behind its base', [10, 4, 0x9f, 255, 255, 255, 255, 4]],
    ['makes more than it announces', [10, 1, 0x90, 2]],
    ['makes less than it announces', [10, 3, 0x90, 2]],
    ['has an unknown instruction', [10, 0, 0]],
    ['brings bytes that it has not', [10, 3, 3, 1, 2]],
    ['has a copy that is cut off', [10, 3, 0x91]],
  ])('is refused when it %s', (_, bytes) => {
    expect(() => applyDelta(BASE, delta(...bytes))).toThrow(CorruptPack);
  });

  it('of any bytes is refused, or makes what it announces', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 30 }), fc.integer({ min: 0, max: 127 }), (rest, size) => {
        const bytes = Buffer.concat([delta(10, size), rest]);
        const result = outcomeOf(() => applyDelta(BASE, bytes));
        expect(result === 'refused' || result.length === readDeltaSizes(bytes).resultBytes).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });
});
