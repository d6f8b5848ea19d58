import { createHash } from 'node:crypto';
import { expect, it } from 'vitest';
import { OidTable } from './oid-table.ts';

function oid(value: number): Buffer {
  return createHash('sha1').update(String(value)).digest();
}

it('finds what was added, wherever it lies, and nothing else', () => {
  const table = new OidTable(1000);
  for (let value = 0; value < 1000; value++) table.add(oid(value), 0, value % 7);
  expect(table.length).toBe(1000);
  for (let value = 0; value < 1000; value++) {
    const padded = Buffer.concat([Buffer.from('xyz'), oid(value)]);
    const index = table.indexOf(padded, 3);
    expect(table.oidAt(index)).toEqual(oid(value));
    expect(table.markOf(index)).toBe(value % 7);
    expect(table.indexOf(oid(value + 1000), 0)).toBe(-1);
  }
});

it('tells ids apart that differ in one byte, and keeps marks apart', () => {
  const ids = Array.from({ length: 20 }, (_, at) => Buffer.alloc(20).fill(1, at, at + 1));
  const table = new OidTable(20);
  for (const [mark, id] of ids.entries()) table.add(id, 0, mark);
  table.setMark(table.indexOf(ids[4]!, 0), 99);
  expect(ids.map((id) => table.markOf(table.indexOf(id, 0)))).toEqual(
    ids.map((_, at) => (at === 4 ? 99 : at)),
  );
  expect(table.indexOf(Buffer.alloc(20), 0)).toBe(-1);
});

it('can be empty', () => {
  expect(new OidTable(0).indexOf(Buffer.alloc(20), 0)).toBe(-1);
});
