import { describe, expect, it } from 'vitest';

import type { ChunkList } from './chunk-list.ts';
import { chunkHash, fileHashOfRoot, nodeHash } from './keyed-hash.ts';
import { fileHash, merkleRoot } from './merkle.ts';
import { EMPTY_FILE_HASH, xetHashText } from './xet-hash.ts';

interface Node {
  readonly hash: Buffer;
  readonly sizeBytes: number;
}

/** A hash that ends a node of the tree, or does not. */
function hashThat(ends: boolean, fill: number): Buffer {
  const hash = Buffer.alloc(32, fill);
  hash[24] = ends ? 0xfc : 0xfd;
  return hash;
}

/** One node for each letter: `e` ends a node of the tree, `-` does not. */
function nodes(pattern: string): Node[] {
  return Array.from(pattern, (letter, i) => ({ hash: hashThat(letter === 'e', i), sizeBytes: 1000 + i }));
}

function listOf(chunks: readonly Node[]): ChunkList {
  return {
    hashes: Buffer.concat(chunks.map((chunk) => chunk.hash)),
    lengths: Uint32Array.from(chunks, (chunk) => chunk.sizeBytes),
  };
}

function parent(...children: readonly Node[]): Node {
  const lines = children.map((child) => `${xetHashText(child.hash)} : ${child.sizeBytes}\n`);
  return {
    hash: nodeHash(lines.join('')),
    sizeBytes: children.reduce((sum, child) => sum + child.sizeBytes, 0),
  };
}

/** The tree over one level whose groups are known. */
function rootOf(level: readonly Node[], sizes: readonly number[]): Buffer {
  let at = 0;
  const parents = sizes.map((size) => parent(...level.slice(at, (at += size))));
  expect(at).toBe(level.length);
  return parents.length === 1 ? parents[0]!.hash : parent(...parents).hash;
}

describe('Merkle roots', () => {
  it('are zeros for no chunks, and so is the hash of the empty file', () => {
    const none = { hashes: Buffer.alloc(0), lengths: new Uint32Array(0) };
    expect(merkleRoot(none)).toEqual(Buffer.alloc(32));
    expect(xetHashText(fileHash(none))).toBe(EMPTY_FILE_HASH);
  });

  it('are the hash of a single chunk, in a buffer of their own', () => {
    const list = listOf([{ hash: chunkHash(Buffer.from('hello')), sizeBytes: 5 }]);
    const root = merkleRoot(list);
    expect(root).toEqual(list.hashes);
    expect(fileHash(list)).toEqual(fileHashOfRoot(root));
    root.fill(0);
    expect(list.hashes).toEqual(chunkHash(Buffer.from('hello')));
  });

  it.each([
    ['two chunks are one node', 'ee', [2]],
    ['the first two children never end a node', 'ee-e', [4]],
    ['the third can', '--e---', [3, 3]],
    ['a node has nine children at most', '----------------', [9, 7]],
    ['the ninth may end it as well', '--------e---', [9, 3]],
    ['one chunk that is left gets a node of its own', '---------e', [9, 1]],
    ['two that are left get one, whatever their hashes', '--e-e', [3, 2]],
    ['every third', 'eeeeeeeee', [3, 3, 3]],
  ])('are cut by the hashes: %s', (_, pattern, groups) => {
    const level = nodes(pattern);
    expect(merkleRoot(listOf(level))).toEqual(rootOf(level, groups));
  });

  it('count sizes beyond 32 bits', () => {
    const chunks = nodes('--e--e--e').map(({ hash }) => ({ hash, sizeBytes: 2 ** 32 - 1 }));
    expect(parent(...chunks).sizeBytes).toBe(9 * (2 ** 32 - 1));
    expect(merkleRoot(listOf(chunks))).toEqual(rootOf(chunks, [3, 3, 3]));
  });

  it('see every hash, every length and the order', () => {
    const chunks = nodes('-'.repeat(40));
    const root = merkleRoot(listOf(chunks));
    expect(merkleRoot(listOf(chunks.toReversed()))).not.toEqual(root);
    for (const i of chunks.keys()) {
      const longer = chunks.with(i, { ...chunks[i]!, sizeBytes: 5 });
      const other = chunks.with(i, { ...chunks[i]!, hash: hashThat(false, 255) });
      expect(merkleRoot(listOf(longer))).not.toEqual(root);
      expect(merkleRoot(listOf(other))).not.toEqual(root);
    }
  });

  it('need a length for each hash', () => {
    expect(() => merkleRoot({ hashes: Buffer.alloc(64), lengths: new Uint32Array(1) })).toThrow(RangeError);
    expect(() => merkleRoot({ hashes: Buffer.alloc(33), lengths: new Uint32Array(1) })).toThrow(RangeError);
  });
});
