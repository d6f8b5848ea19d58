import { describe, expect, it } from 'vitest';

import { chunkHash, dedupHash, fileHashOfRoot, nodeHash, rangeHash } from './keyed-hash.ts';
import { xetHashText } from './xet-hash.ts';

const HELLO = Buffer.from('hello');

describe('keyed hashes', () => {
  it('give the chunk and the file "hello" the hashes that hf_xet gives them', () => {
    expect(xetHashText(chunkHash(HELLO))).toBe(
      '9076ba12d998050b9c95c8bf770f943e6cad55c7490a82b76cf1582a2a05c2c2',
    );
    expect(xetHashText(fileHashOfRoot(chunkHash(HELLO)))).toBe(
      '48a3213a086cad271381aafe47232eb5df291a963cebbfec071972eff45eb422',
    );
  });

  it('differ by what they are for', () => {
    const hashes = [
      chunkHash(HELLO),
      nodeHash('hello'),
      rangeHash(HELLO),
      fileHashOfRoot(HELLO),
      dedupHash(Buffer.alloc(32, 1), HELLO),
    ];
    expect(new Set(hashes.map((hash) => xetHashText(hash))).size).toBe(hashes.length);
  });

  it('do not depend on what was hashed before', () => {
    const first = chunkHash(HELLO);
    chunkHash(Buffer.from('something else'));
    expect(chunkHash(HELLO)).toEqual(first);
  });

  it('hide a chunk hash by the key of the answer', () => {
    const hash = chunkHash(HELLO);
    const key = Buffer.alloc(32, 1);
    const hidden = dedupHash(key, hash);
    expect(dedupHash(Buffer.alloc(32, 2), hash)).not.toEqual(hidden);
    expect(dedupHash(Buffer.alloc(32, 1), hash)).toEqual(hidden);
    // Without a key it is the hash that a file of this one chunk has.
    expect(dedupHash(Buffer.alloc(32), hash)).toEqual(fileHashOfRoot(hash));
  });

  it('take a key by its bytes, also when a buffer is used again for another key', () => {
    const hash = chunkHash(HELLO);
    const key = Buffer.alloc(32, 1);
    const hidden = dedupHash(key, hash);
    key.fill(3);
    expect(dedupHash(key, hash)).not.toEqual(hidden);
    expect(dedupHash(key, hash)).toEqual(dedupHash(Buffer.alloc(32, 3), hash));
  });

  it('refuse a key that has not 32 bytes', () => {
    expect(() => dedupHash(Buffer.alloc(31), HELLO)).toThrow(RangeError);
    expect(() => dedupHash(Buffer.alloc(33), HELLO)).toThrow(RangeError);
    expect(() => dedupHash(Buffer.alloc(0), HELLO)).toThrow(RangeError);
  });
});
