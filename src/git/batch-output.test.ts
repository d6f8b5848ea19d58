import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { type BatchHeader, BatchReader, LineReader, parseBatchHeader } from './batch-output.ts';

const OID = 'a'.repeat(40);

it('puts objects together, however the output is cut', () => {
  const objects = fc.array(
    fc.record({ bytes: fc.uint8Array({ maxLength: 60 }), rest: fc.stringMatching(/^[a-z /]{0,12}$/) }),
  );
  fc.assert(
    fc.property(objects, fc.integer({ min: 1, max: 40 }), (given, size) => {
      const output = Buffer.concat(
        given.flatMap(({ bytes, rest }) => [
          Buffer.from(`${OID} blob ${bytes.length} ${rest}\n`),
          bytes,
          Buffer.from('\n'),
        ]),
      );
      const read: { header: BatchHeader; bytes: Buffer }[] = [];
      const reader = new BatchReader((header) => {
        const pieces: Buffer[] = [];
        return {
          write: (piece) => void pieces.push(Buffer.from(piece)),
          end: () => void read.push({ header, bytes: Buffer.concat(pieces) }),
        };
      });
      for (let at = 0; at < output.length; at += size) reader.push(output.subarray(at, at + size));
      reader.end();
      expect(read.map(({ header, bytes }) => [header.rest.toString(), [...bytes]])).toEqual(
        given.map(({ bytes, rest }) => [rest, [...bytes]]),
      );
    }),
  );
});

it('notices an object that is cut off', () => {
  const reader = new BatchReader(() => ({ write: () => {}, end: () => {} }));
  reader.push(Buffer.from(`${OID} blob 3 \nab`));
  expect(() => reader.end()).toThrow('in the middle of an object');
});

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
