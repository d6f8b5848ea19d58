import { randomBytes } from 'node:crypto';
import { mkdtempSync, openSync, rmSync, closeSync, writeFileSync, truncateSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { FileBytes } from './file-bytes.ts';

/** Longer than two windows. */
const BYTES = randomBytes(2.5 * 1024 * 1024);

let dir: string;
let path: string;
let fd: number;

beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'hub-file-bytes-'));
  path = join(dir, 'bytes');
  writeFileSync(path, BYTES);
  fd = openSync(path, 'r');
});

afterAll(() => {
  closeSync(fd);
  rmSync(dir, { recursive: true });
});

it('gives the same as an array, in any order, past the end too', () => {
  const position = fc.nat(BYTES.length + 100);
  fc.assert(
    fc.property(fc.array(fc.tuple(position, position), { maxLength: 8 }), (spans) => {
      const bytes = new FileBytes(fd, BYTES.length);
      expect(bytes.length).toBe(BYTES.length);
      for (const [a, b] of spans) {
        const [start, end] = [Math.min(a, b), Math.max(a, b)];
        expect(BYTES.subarray(start, end).equals(bytes.subarray(start, end))).toBe(true);
      }
    }),
  );
});

it('gives spans that are longer than its window', () => {
  const bytes = new FileBytes(fd, BYTES.length);
  expect(BYTES.equals(bytes.subarray(0, BYTES.length))).toBe(true);
  expect(BYTES.subarray(5, 9).equals(bytes.subarray(5, 9))).toBe(true);
});

it('ends where it was told to, though the file goes on', () => {
  expect(new FileBytes(fd, 10).subarray(5, 20)).toHaveLength(5);
});

it('says that a file was cut off', () => {
  const short = join(dir, 'short');
  writeFileSync(short, BYTES);
  truncateSync(short, 100);
  const shortFd = openSync(short, 'r');
  expect(() => new FileBytes(shortFd, 101).subarray(0, 10)).toThrow('shorter than what was written');
  closeSync(shortFd);
});
