import { deflateSync } from 'node:zlib';

import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { PayloadTooLarge } from '../lib/domain-error.ts';
import { encodeEntryHeader } from './pack-entry.ts';
import { CorruptPack, readPackedObject } from './pack-reader.ts';

const HELLO = Buffer.from('hello\n');
const LIMIT = 1000;

function entry(bytes: Buffer, announcedBytes = bytes.length): Buffer {
  return Buffer.concat([encodeEntryHeader('blob', announcedBytes), deflateSync(bytes)]);
}

describe('readPackedObject', () => {
  it('inflates an entry', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: LIMIT }), (list) => {
        const bytes = Buffer.from(list);
        expect(readPackedObject(entry(bytes), LIMIT)).toEqual({
          type: 'blob',
          sizeBytes: bytes.length,
          bytes,
        });
      }),
    );
  });

  it('refuses what is larger than the caller can take', () => {
    expect(readPackedObject(entry(Buffer.alloc(LIMIT)), LIMIT).bytes).toHaveLength(LIMIT);
    expect(() => readPackedObject(entry(Buffer.alloc(LIMIT + 1)), LIMIT)).toThrow(PayloadTooLarge);
  });

  it('stops inflating at the announced size', () => {
    expect(() => readPackedObject(entry(Buffer.alloc(50_000_000), 10), LIMIT)).toThrow('does not inflate');
  });

  it('refuses deltas and unknown types', () => {
    for (const typeCode of [0, 5, 6, 7]) {
      const bytes = entry(HELLO);
      bytes[0] = (typeCode << 4) | HELLO.length;
      expect(() => readPackedObject(bytes, LIMIT)).toThrow(CorruptPack);
    }
  });

  it('refuses a wrong size, a cut end, other bytes behind and noise', () => {
    const good = entry(HELLO);
    for (const bytes of [
      entry(HELLO, 5),
      entry(HELLO, 7),
      good.subarray(0, -1),
      Buffer.concat([good, Buffer.of(0)]),
      Buffer.alloc(0),
      Buffer.alloc(40, 0xff),
    ]) {
      expect(() => readPackedObject(bytes, LIMIT)).toThrow(CorruptPack);
    }
  });
});
