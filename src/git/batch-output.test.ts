import { expect, it } from 'vitest';
import { LineReader, parseBatchHeader } from './batch-output.ts';

const OID = 'a'.repeat(40);

it('reads header lines with any path', () => {
  const path = Buffer.from([0x20, 0xff, 0x20, 0x61]);
  const line = Buffer.concat([Buffer.from(`${OID} tree 12 `), path]);
  expect(parseBatchHeader(line)).toEqual({ oid: OID, type: 'tree', sizeBytes: 12, rest: path });
  for (const bad of [`${OID} missing`, `${OID} blob x y`, 'fatal: no', '', `${OID} toString 1 `])
    expect(() => parseBatchHeader(Buffer.from(bad))).toThrow('git cat-file said');
});

it('cuts lines, and refuses endless ones', () => {
  const reader = new LineReader();
  const lines = ['a', 'b\nc', '\n\nd'].flatMap((text) => [...reader.push(Buffer.from(text))].map(String));
  expect(lines).toEqual(['ab', 'c', '']);
  expect(() => [...reader.push(Buffer.alloc(2 ** 21))]).toThrow('a mebibyte');
});
