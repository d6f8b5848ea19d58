import { createHash } from 'node:crypto';
import { deflateSync } from 'node:zlib';

import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { PayloadTooLarge } from '../lib/domain-error.ts';
import { hashObject } from './object.ts';
import { encodeEntryHeader } from './pack-entry.ts';
import { CorruptPack, readPackedObject, verifyPack } from './pack-reader.ts';
import { buildPack } from './pack-writer.ts';

const HELLO = Buffer.from('hello\n');
const LIMIT = 1000;

/** Written by git pack-objects: the blobs `hello\n` and `x`, and an annotated tag. */
const GIT_PACK = Buffer.from(
  '5041434b000000020000000336789ccb48cdc9c9e70200084b021f31789cab000000790079c207789c25c5510ac2300c00d0ff9c22ff034996b6633086' +
    'e049d22e2d8a5dc728a2b717f1fdbc161f963ae64d386a2615d1699bc931897331cd5e44828c3e50c8630ed03f87616ab5de3b742df8e25fc54ebce192' +
    'aef6d67a3cedd2ceb2224ff4c73890771ea0ed065f8e7a2071834db9db2c020b446f96d22c545cef9281551cce',
  'hex',
);

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

describe('verifyPack', () => {
  it('reads what git wrote', () => {
    expect(verifyPack(GIT_PACK)).toEqual([
      {
        oid: 'ce013625030ba8dba906f756967f9e9ca394464a',
        type: 'blob',
        sizeBytes: 6,
        offset: 12,
        packedBytes: 15,
      },
      {
        oid: 'c1b0730e0133447badcfd47fd144e254807b06e1',
        type: 'blob',
        sizeBytes: 1,
        offset: 27,
        packedBytes: 10,
      },
      {
        oid: '70fb8e2f21eeb9f72a9ca725847817839d0641d2',
        type: 'tag',
        sizeBytes: 114,
        offset: 37,
        packedBytes: 110,
      },
    ]);
  });

  it('refuses a pack with any byte changed or cut off', () => {
    const { pack } = buildPack([{ oid: hashObject('blob', HELLO), type: 'blob', bytes: HELLO }]);
    for (let at = 0; at < pack.length; at++) {
      const broken = Buffer.from(pack);
      broken[at]! ^= 0x10;
      expect(() => verifyPack(broken)).toThrow(CorruptPack);
      expect(() => verifyPack(pack.subarray(0, at))).toThrow(CorruptPack);
    }
  });

  it('refuses a wrong number of objects and bytes between them, even under a right checksum', () => {
    expect(() => verifyPack(sealed(GIT_PACK.subarray(0, 37)))).toThrow('announces 3 objects and holds 2');
    expect(() => verifyPack(sealed(Buffer.concat([GIT_PACK.subarray(0, -20), Buffer.of(0x30)])))).toThrow(
      CorruptPack,
    );
  });

  it('refuses an object over the limit', () => {
    expect(() => verifyPack(GIT_PACK, 100)).toThrow(PayloadTooLarge);
  });
});

function sealed(body: Buffer): Buffer {
  return Buffer.concat([body, createHash('sha1').update(body).digest()]);
}
