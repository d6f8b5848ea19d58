import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { ChunkList } from '../../src/xet/chunk-list.ts';
import { ChunkHasher } from '../../src/xet/chunker.ts';
import { rangeHash } from '../../src/xet/keyed-hash.ts';
import { fileHash, merkleRoot } from '../../src/xet/merkle.ts';
import { xetHashBytes, xetHashText } from '../../src/xet/xet-hash.ts';
import type { XetHash } from '../../src/xet/xet-hash.ts';
import { hashFiles, shardOf } from './hf-xet.ts';
import { readReferenceShard } from './reference-shard.ts';
import type { ReferenceChunk } from './reference-shard.ts';
import { randomBytes, SAMPLE_FILES, SAMPLES_WITH_CHUNKS } from './sample-files.ts';
import type { SampleFile } from './sample-files.ts';

let dir: string;

beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'hub-xet-'));
});

afterAll(() => {
  rmSync(dir, { recursive: true, force: true });
});

/** The chunks of these bytes, which come in slices of any length. */
function chunksOf(bytes: Buffer): ChunkList {
  const hasher = new ChunkHasher();
  const lengths = randomBytes(4096, `slices of ${bytes.length}`);
  for (let at = 0, i = 0; at < bytes.length; i += 2) {
    const end = at + 1 + 4 * lengths.readUInt16LE(i % lengths.length);
    hasher.update(bytes.subarray(at, end));
    at = end;
  }
  return hasher.finish();
}

/** Writes the files and hashes them; the bytes of one are gone before the next is made. */
function writeAndHash(files: readonly SampleFile[]): { paths: string[]; hashes: string[] } {
  const paths = files.map((_, i) => join(dir, String(i)));
  const hashes = files.map((file, i) => {
    const bytes = file.bytes();
    writeFileSync(paths[i]!, bytes);
    return xetHashText(fileHash(chunksOf(bytes)));
  });
  return { paths, hashes };
}

function named(files: readonly SampleFile[], values: readonly string[]): Record<string, string> {
  return Object.fromEntries(files.map((file, i) => [file.name, values[i]!]));
}

function describeChunks({ hashes, lengths }: ChunkList): ReferenceChunk[] {
  return Array.from(lengths, (lengthBytes, i) => ({ hash: xetHashText(hashes, i * 32), lengthBytes }));
}

function listOf(chunks: readonly ReferenceChunk[]): ChunkList {
  return {
    hashes: Buffer.concat(chunks.map((chunk) => xetHashBytes(chunk.hash as XetHash))),
    lengths: Uint32Array.from(chunks, (chunk) => chunk.lengthBytes),
  };
}

describe('hf_xet and the hub', () => {
  it('give at least 200 files the same hashes', { timeout: 120_000 }, () => {
    expect(new Set(SAMPLE_FILES.map((file) => file.name)).size).toBeGreaterThanOrEqual(200);
    const { paths, hashes } = writeAndHash(SAMPLE_FILES);
    expect(named(SAMPLE_FILES, hashes)).toEqual(named(SAMPLE_FILES, hashFiles(paths)));
    for (const path of paths) rmSync(path);
  });

  it.for(SAMPLES_WITH_CHUNKS)('cut and hash the chunks alike: $name', (file) => {
    const path = join(dir, 'chunks');
    const bytes = file.bytes();
    writeFileSync(path, bytes);
    const chunks = chunksOf(bytes);
    const theirs = readReferenceShard(shardOf(path, mkdtempSync(join(dir, 'store-'))));

    expect(xetHashText(fileHash(chunks))).toBe(theirs.fileHash);
    const inOrder = theirs.terms.flatMap((term) => theirs.xorbs.get(term.xorb)!.slice(term.start, term.end));
    expect(describeChunks(chunks)).toEqual(inOrder);
    for (const [hash, list] of theirs.xorbs) expect(xetHashText(merkleRoot(listOf(list)))).toBe(hash);
    let at = 0;
    for (const term of theirs.terms) {
      const next = at + term.end - term.start;
      expect(xetHashText(rangeHash(chunks.hashes.subarray(at * 32, next * 32)))).toBe(term.rangeHash);
      expect(chunks.lengths.subarray(at, next).reduce((sum, length) => sum + length, 0)).toBe(term.sizeBytes);
      at = next;
    }
    expect(at).toBe(chunks.lengths.length);
  });
});
