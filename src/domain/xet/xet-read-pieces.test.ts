import { expect, it } from 'vitest';
import { parseSha256 } from '../../lib/sha256.ts';
import { parseObjectKey } from '../../storage/keys.ts';
import type { XorbId } from '../../xet/xorb-id.ts';
import type { FileTerm } from '../../xet/file-terms.ts';
import { readPieces } from './xet-read-pieces.ts';
import type { XorbPlace } from './xorb.queries.ts';

const [A, B] = ['a'.repeat(64) as XorbId, 'b'.repeat(64) as XorbId];
const [KEY_A, KEY_B] = [parseObjectKey('xorbs/a'), parseObjectKey('xorbs/b')];
const BLOB = parseObjectKey('lfs/blob');

function stored(storageKey = KEY_A): { place: XorbPlace } {
  return { place: { kind: 'stored', storageKey } };
}

function virtual(blobOffsetBytes: number): { place: XorbPlace } {
  const blobSha256 = parseSha256('c'.repeat(64));
  return { place: { kind: 'virtual', blobSha256, blobKey: BLOB, blobOffsetBytes } };
}

function term(xorb: FileTerm['xorb'], chunks: [number, number], bytes: [number, number]): FileTerm {
  const [chunkStart, chunkEnd] = chunks;
  const [byteStart, byteEnd] = bytes;
  const rawBytes = byteEnd - byteStart - 8 * (chunkEnd - chunkStart);
  return { xorb, chunkStart, chunkEnd, byteStart, byteEnd, rawBytes };
}

it('reads neighbours in a stored xorb at once, and only those', () => {
  const xorbs = new Map([
    [A, stored()],
    [B, stored(KEY_B)],
  ]);
  const terms = [
    term(A, [0, 1], [0, 20]),
    term(A, [1, 2], [20, 50]),
    term(A, [3, 4], [80, 90]),
    term(B, [4, 5], [90, 99]),
    term(B, [4, 5], [90, 99]),
  ];
  expect(readPieces(terms, xorbs)).toEqual([
    { key: KEY_A, start: 0, end: 50, kind: 'chunks' },
    { key: KEY_A, start: 80, end: 90, kind: 'chunks' },
    { key: KEY_B, start: 90, end: 99, kind: 'chunks' },
    { key: KEY_B, start: 90, end: 99, kind: 'chunks' },
  ]);
});

it('reads virtual xorbs from their blob, without headers, and across xorbs that are neighbours there', () => {
  const xorbs = new Map([
    [A, virtual(1000)],
    [B, virtual(1030)],
  ]);
  // Chunks of 10 bytes: 18 with their header. A has three of them.
  const terms = [term(A, [1, 3], [18, 54]), term(B, [0, 1], [0, 18])];
  expect(readPieces(terms, xorbs)).toEqual([{ key: BLOB, start: 1010, end: 1040, kind: 'raw' }]);
});

it('does not pass over a xorb that is missing', () => {
  expect(() => readPieces([term(A, [0, 1], [0, 20])], new Map())).toThrow('missing');
});
