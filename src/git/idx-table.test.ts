import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { IdxTable } from './idx-table.ts';
import { parseOid } from './oid.ts';
import { encodeIdx } from './pack-index.ts';

const SUM = Buffer.alloc(20, 7);

it('writes what encodeIdx writes, also of offsets above 2 GiB', () => {
  const id = fc.uint8Array({ minLength: 20, maxLength: 20 }).map((bytes) => Buffer.from(bytes));
  const line = fc.record({
    // Many begin alike.
    id: fc.oneof(
      id,
      id.map((bytes) => Buffer.concat([Buffer.alloc(8), bytes.subarray(8)])),
    ),
    offset: fc.integer({ min: 12, max: 2 ** 34 }),
    crc32: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
  });
  fc.assert(
    fc.property(fc.uniqueArray(line, { selector: (entry) => entry.id.toString('hex') }), (lines) => {
      const table = new IdxTable(lines.length);
      for (const entry of lines) table.add(entry.id, entry.offset, entry.crc32);
      const expected = encodeIdx(
        lines.map((entry) => ({ ...entry, oid: parseOid(entry.id.toString('hex')) })),
        SUM,
      );
      expect(table.encode(SUM).equals(expected)).toBe(true);
    }),
  );
});

it('has no more room than it was made with', () => {
  expect(() => new IdxTable(0).add(Buffer.alloc(20), 12, 0)).toThrow(RangeError);
});
