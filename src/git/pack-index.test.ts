import { createHash } from 'node:crypto';

import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { parseOid } from './oid.ts';
import { CorruptPack, encodeIdx, PackPlaces } from './pack-index.ts';
import type { IndexEntry } from './pack-index.ts';

const SUM = Buffer.alloc(20, 7);

const entry: fc.Arbitrary<IndexEntry> = fc.record({
  oid: fc
    .uint8Array({ minLength: 20, maxLength: 20 })
    .map((bytes) => parseOid(Buffer.from(bytes).toString('hex'))),
  offset: fc.oneof(fc.integer({ min: 12, max: 2 ** 31 + 5 }), fc.integer({ min: 2 ** 31 - 1, max: 2 ** 45 })),
  crc32: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
});

describe('pack index', () => {
  it('is read as written, with offsets beyond 2 GiB', () => {
    fc.assert(
      fc.property(fc.uniqueArray(entry, { selector: ({ oid }) => oid }), (entries) => {
        const found = new PackPlaces(encodeIdx(entries, SUM), 2 ** 45 + 100);
        expect([found.objectCount, found.packSum]).toEqual([entries.length, SUM]);
        for (const { oid, offset, crc32 } of entries)
          expect([found.offsetOf(Buffer.from(oid, 'hex')), found.crcOf(oid)]).toEqual([offset, crc32]);
      }),
    );
  });

  it('gives 8 bytes to offsets from 2 GiB on', () => {
    const oid = parseOid('ab'.repeat(20));
    const lengthAt = (offset: number) => encodeIdx([{ oid, offset, crc32: 0 }], SUM).length;
    expect(lengthAt(2 ** 31) - lengthAt(2 ** 31 - 1)).toBe(8);
  });

  it('is what git pack-objects wrote for three objects', () => {
    const entries: IndexEntry[] = [
      { oid: parseOid('ce013625030ba8dba906f756967f9e9ca394464a'), offset: 12, crc32: 0x5294_1500 },
      { oid: parseOid('c1b0730e0133447badcfd47fd144e254807b06e1'), offset: 27, crc32: 0x60ba_5cd0 },
      { oid: parseOid('70fb8e2f21eeb9f72a9ca725847817839d0641d2'), offset: 37, crc32: 0x94b6_9f00 },
    ];
    const idx = encodeIdx(entries, Buffer.from('834db9db2c020b446f96d22c545cef9281551cce', 'hex'));
    expect(createHash('sha1').update(idx).digest('hex')).toBe('b2cad485350cf8d631633ba0a5d287a381b0acc9');
  });

  it('is refused when it is cut off or another file, or points outside its tables', () => {
    const oids = ['aa', 'bb'].map((byte) => parseOid(byte.repeat(20)));
    const idx = encodeIdx(
      oids.map((oid) => ({ oid, offset: 2 ** 40, crc32: 0 })),
      SUM,
    );
    const offsetsAt = 1032 + 2 * 24;
    for (const at of [0, 100, 1071, idx.length - 17])
      expect(() => read(idx.subarray(0, at))).toThrow(CorruptPack);
    for (const at of [0, 7])
      expect(() => read(changed(idx, (bytes) => (bytes[at]! ^= 1)))).toThrow('not a version 2');
    expect(() => read(changed(idx, (bytes) => bytes.writeUInt32BE(0xffff_ffff, 1028)))).toThrow('cut off');
    expect(() => read(changed(idx, (bytes) => bytes.writeUInt32BE(0xffff_fff0, offsetsAt)))).toThrow(
      'offset table',
    );
    expect(() => read(changed(idx, (bytes) => bytes.fill(0xff, offsetsAt + 8, offsetsAt + 16)))).toThrow(
      'offset',
    );
  });
});

function read(idx: Buffer): PackPlaces {
  return new PackPlaces(idx, 2 ** 41);
}

function changed(idx: Buffer, change: (bytes: Buffer) => void): Buffer {
  const bytes = Buffer.from(idx);
  change(bytes);
  return bytes;
}

it('finds every object and its length', () => {
  const packs = fc.uniqueArray(fc.record({ id: entry, size: fc.integer({ min: 2, max: 2 ** 33 }) }), {
    selector: ({ id }) => id.oid,
  });
  fc.assert(
    fc.property(packs, (parts) => {
      let offset = 12;
      const places = parts.map(({ id: { oid }, size }) => {
        const place = { oid, offset, packedBytes: size };
        offset += size;
        return place;
      });
      const idx = encodeIdx(
        places.map(({ oid, offset: at }, i) => ({ oid, offset: at, crc32: i })),
        SUM,
      );
      const found = new PackPlaces(idx, offset + 20);
      expect([found.objectCount, found.packSum]).toEqual([parts.length, SUM]);
      for (const [i, { oid, ...place }] of places.entries())
        expect([found.find(oid), found.crcOf(oid)]).toEqual([place, i]);
      expect(() => found.find(parseOid('0'.repeat(40)))).toThrow(CorruptPack);
      expect(() => found.crcOf(parseOid('0'.repeat(40)))).toThrow(CorruptPack);
    }),
  );
});

it('tells ids apart that begin the same', () => {
  const oids = ['1', '2', '3', '7'].map((end) => parseOid('ab'.repeat(19) + `0${end}`));
  const idx = encodeIdx(
    oids.map((oid, i) => ({ oid, offset: 12 + i, crc32: 0 })),
    SUM,
  );
  const found = new PackPlaces(idx, 12 + oids.length + 20);
  expect(oids.map((oid) => found.find(oid).offset)).toEqual([12, 13, 14, 15]);
  for (const end of ['00', '05', '08']) {
    expect(found.offsetOf(Buffer.from('ab'.repeat(19) + end, 'hex'))).toBeUndefined();
  }
});
