import { createHash } from 'node:crypto';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { verifiedObjects } from '../../test/support/verified-objects.ts';
import { hashObject } from './object.ts';
import type { PackedObject } from './pack-entry.ts';
import { CorruptPack } from './pack-index.ts';
import { verifyPack } from './pack-verifier.ts';
import { buildPack } from './pack-writer.ts';

const HELLO = Buffer.from('hello\n');

/** Written by git pack-objects: the blobs `hello\n` and `x`, and an annotated tag. */
const GIT_PACK = Buffer.from(
  '5041434b000000020000000336789ccb48cdc9c9e70200084b021f31789cab000000790079c207789c25c5510ac2300c00d0ff9c22ff034996b6633086' +
    'e049d22e2d8a5dc728a2b717f1fdbc161f963ae64d386a2615d1699bc931897331cd5e44828c3e50c8630ed03f87616ab5de3b742df8e25fc54ebce192' +
    'aef6d67a3cedd2ceb2224ff4c73890771ea0ed065f8e7a2071834db9db2c020b446f96d22c545cef9281551cce',
  'hex',
);

/** In pieces of so many bytes. */
function* cut(pack: Buffer, pieceBytes: number): Generator<Buffer> {
  for (let at = 0; at < pack.length; at += pieceBytes) yield pack.subarray(at, at + pieceBytes);
}

async function inPieces(pack: Buffer, pieceBytes: number): Promise<PackedObject[]> {
  const objects: PackedObject[] = [];
  for await (const object of verifyPack(cut(pack, pieceBytes), pack.subarray(-20))) objects.push(object);
  return objects;
}

function sealed(body: Buffer): Buffer {
  return Buffer.concat([body, createHash('sha1').update(body).digest()]);
}

describe('verifyPack', () => {
  it('reads what git wrote', async () => {
    await expect(verifiedObjects(GIT_PACK)).resolves.toEqual([
      {
        oid: 'ce013625030ba8dba906f756967f9e9ca394464a',
        type: 'blob',
        sizeBytes: 6,
        offset: 12,
        packedBytes: 15,
        crc32: 0x5294_1500,
      },
      {
        oid: 'c1b0730e0133447badcfd47fd144e254807b06e1',
        type: 'blob',
        sizeBytes: 1,
        offset: 27,
        packedBytes: 10,
        crc32: 0x60ba_5cd0,
      },
      {
        oid: '70fb8e2f21eeb9f72a9ca725847817839d0641d2',
        type: 'tag',
        sizeBytes: 114,
        offset: 37,
        packedBytes: 110,
        crc32: 0x94b6_9f00,
      },
    ]);
  });

  it('reads the same from pieces of any size', async () => {
    const blobs = fc.array(fc.uint8Array({ maxLength: 5000 }), { maxLength: 20 });
    await fc.assert(
      fc.asyncProperty(blobs, fc.integer({ min: 1, max: 300 }), async (contents, pieceBytes) => {
        const { pack, entries } = buildPack(
          contents.map((content) => {
            const bytes = Buffer.from(content);
            return { oid: hashObject('blob', bytes), type: 'blob', bytes };
          }),
        );
        await expect(inPieces(pack, pieceBytes)).resolves.toEqual(entries);
      }),
      { numRuns: 50 },
    );
  });

  it('refuses a pack with any byte changed or cut off', async () => {
    const { pack } = buildPack([{ oid: hashObject('blob', HELLO), type: 'blob', bytes: HELLO }]);
    for (let at = 0; at < pack.length; at++) {
      const broken = Buffer.from(pack);
      broken[at]! ^= 0x10;
      await expect(verifiedObjects(broken)).rejects.toThrow(CorruptPack);
      await expect(verifiedObjects(pack.subarray(0, at))).rejects.toThrow(CorruptPack);
    }
  });

  it('refuses a wrong number of objects and bytes between them, even under a right checksum', async () => {
    await expect(verifiedObjects(sealed(GIT_PACK.subarray(0, 37)))).rejects.toThrow(
      'announces 3 objects and holds 2',
    );
    const longer = sealed(Buffer.concat([GIT_PACK.subarray(0, -20), Buffer.of(0x30)]));
    await expect(verifiedObjects(longer)).rejects.toThrow('announces 3 objects and holds more');
  });

  it('ends its source where the pack is damaged', async () => {
    let isEnded = false;
    async function* source() {
      try {
        for (;;) yield Buffer.from('no pack at all');
      } finally {
        isEnded = true;
      }
    }
    await expect(verifyPack(source(), Buffer.alloc(20)).next()).rejects.toThrow(CorruptPack);
    expect(isEnded).toBe(true);
  });

  it('refuses a pack that is whole, but another one', async () => {
    const objects = verifyPack([GIT_PACK], Buffer.alloc(20));
    await expect(async () => {
      for await (const { type } of objects) expect(type).not.toBe('tree');
    }).rejects.toThrow('not the one');
  });
});
