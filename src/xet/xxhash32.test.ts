import { describe, expect, it } from 'vitest';
import { xxhash32 } from './xxhash32.ts';

/** The data of xxHash's own sanity checks: `byte = generator >> 56`. */
function sanityBytes(length: number): Uint8Array {
  let generator = 2654435761n;
  return Uint8Array.from({ length }, () => {
    const byte = Number(generator >> 56n);
    generator = BigInt.asUintN(64, generator * 11400714785074694797n);
    return byte;
  });
}

describe('xxhash32', () => {
  it.for([
    [0, 0x02cc5d05],
    [1, 0xcf65b03e],
    [14, 0x1208e7e2],
    [222, 0x5bd11dbd],
  ])('is the published value for %i bytes', ([length, expected]) => {
    expect(xxhash32(sanityBytes(length!))).toBe(expected);
  });
});
