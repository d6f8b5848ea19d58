import { describe, expect, it } from 'vitest';
import { hashObject } from '../../git/object.ts';
import { buildPack } from '../../git/pack-writer.ts';
import { oidToBytes } from '../../git/oid.ts';
import { IdxView } from './idx-view.ts';

describe('IdxView', () => {
  it('finds the checksum of every entry, and of nothing else', () => {
    const objects = Array.from({ length: 700 }, (_, value) => {
      const bytes = Buffer.from(`blob ${value}`);
      return { oid: hashObject('blob', bytes), type: 'blob' as const, bytes };
    });
    const { idx, entries } = buildPack(objects);
    const view = new IdxView(idx);
    for (const { oid, crc32 } of entries) expect(view.crcOf(oidToBytes(oid))).toBe(crc32);
    expect(view.crcOf(oidToBytes(hashObject('blob', Buffer.from('another'))))).toBeUndefined();
    expect(view.crcOf(Buffer.alloc(20, 0))).toBeUndefined();
    expect(view.crcOf(Buffer.alloc(20, 0xff))).toBeUndefined();
  });

  it('refuses what is no idx, or not all of one', () => {
    const { idx } = buildPack([
      { oid: hashObject('blob', Buffer.from('x')), type: 'blob', bytes: Buffer.from('x') },
    ]);
    expect(() => new IdxView(Buffer.alloc(2000))).toThrow('version 2');
    expect(() => new IdxView(idx.subarray(0, 1032))).toThrow('cut off');
  });
});
