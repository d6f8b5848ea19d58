import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { MAX_CHUNK_BYTES } from '../../src/xet/chunker.ts';
import { rangeHash } from '../../src/xet/keyed-hash.ts';
import { fileHash } from '../../src/xet/merkle.ts';
import { parseShard } from '../../src/xet/shard.ts';
import type { ShardFile, ShardTerm } from '../../src/xet/shard.ts';
import { parseXetHash, xetHashText } from '../../src/xet/xet-hash.ts';
import { decodeChunk, verifyXorb } from '../../src/xet/xorb.ts';
import { type Upload, upload } from './hf-xet.ts';
import { SAMPLE_FILES } from './sample-files.ts';
import type { SampleFile } from './sample-files.ts';

/** hf_xet packs the files of one upload into common xorbs: small ones many at a time. */
const FILES_AT_ONCE = 25;

let dir: string;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'hub-xet-'));
});

afterEach(() => {
  rmSync(dir, { recursive: true, force: true });
});

interface OpenXorb {
  readonly hash: string;
  readonly body: Buffer;
  readonly index: ReturnType<typeof verifyXorb>['index'];
}

/** Opens xorbs one at a time: neighbouring terms are often of the same one. */
class XorbReader {
  readonly #upload: Upload;
  #last: OpenXorb | undefined;

  constructor(upload: Upload) {
    this.#upload = upload;
  }

  open(hash: string): OpenXorb {
    if (this.#last?.hash === hash) return this.#last;
    const body = readFileSync(this.#upload.xorbs.get(hash)!);
    this.#last = { hash, body, index: verifyXorb(body, parseXetHash(hash)).index };
    return this.#last;
  }
}

/** The bytes of a term, and its proof. */
function* chunksOf({ body, index }: OpenXorb, term: ShardTerm): Generator<Buffer> {
  const hashes = index.hashes.subarray(term.chunkStart * 32, term.chunkEnd * 32);
  expect(rangeHash(hashes)).toEqual(term.rangeHash);
  const target = Buffer.alloc(MAX_CHUNK_BYTES);
  let offset = term.chunkStart === 0 ? 0 : index.ends[term.chunkStart - 1]!;
  let rawBytes = 0;
  for (let chunk = term.chunkStart; chunk < term.chunkEnd; chunk++) {
    const { lengthBytes, nextOffset } = decodeChunk(body, offset, target);
    expect([lengthBytes, nextOffset]).toEqual([index.lengths[chunk], index.ends[chunk]]);
    rawBytes += lengthBytes;
    yield target.subarray(0, lengthBytes);
    offset = nextOffset;
  }
  expect(rawBytes).toBe(term.rawBytes);
}

/** Puts a file together again and compares it with what it was. */
function checkFile(xorbs: XorbReader, file: ShardFile, sha256: string): void {
  const digest = createHash('sha256');
  const hashes: Buffer[] = [];
  const lengths: number[] = [];
  for (const term of file.terms) {
    const xorb = xorbs.open(term.xorb);
    hashes.push(xorb.index.hashes.subarray(term.chunkStart * 32, term.chunkEnd * 32));
    lengths.push(...xorb.index.lengths.subarray(term.chunkStart, term.chunkEnd));
    for (const bytes of chunksOf(xorb, term)) digest.update(bytes);
  }
  const list = { hashes: Buffer.concat(hashes), lengths: Uint32Array.from(lengths) };
  expect(xetHashText(fileHash(list))).toBe(file.hash);
  expect(digest.digest('hex')).toBe(sha256);
}

/** Writes the samples that have bytes, and tells their hashes. Of equal ones hf_xet registers one. */
function write(samples: readonly SampleFile[]): { paths: string[]; sha256s: Set<string> } {
  const paths: string[] = [];
  const sha256s = new Set<string>();
  for (const [i, sample] of samples.entries()) {
    const bytes = sample.bytes();
    if (bytes.length === 0) continue;
    const path = join(dir, String(i));
    writeFileSync(path, bytes);
    paths.push(path);
    sha256s.add(createHash('sha256').update(bytes).digest('hex'));
  }
  return { paths, sha256s };
}

const BATCHES = Array.from({ length: Math.ceil(SAMPLE_FILES.length / FILES_AT_ONCE) }, (_, i) => ({
  first: i * FILES_AT_ONCE,
  samples: SAMPLE_FILES.slice(i * FILES_AT_ONCE, (i + 1) * FILES_AT_ONCE),
}));

describe('what hf_xet uploads', () => {
  it.for(BATCHES)('is read back, from sample $first on', { timeout: 120_000 }, ({ samples }) => {
    const { paths, sha256s } = write(samples);
    const uploaded = upload(paths, join(dir, 'store'));
    const xorbs = new XorbReader(uploaded);
    const files = new Map(
      uploaded.shards.flatMap((shard) => parseShard(shard).files).map((file) => [file.hash, file]),
    );
    for (const file of files.values()) {
      expect(sha256s.delete(file.sha256!)).toBe(true);
      checkFile(xorbs, file, file.sha256!);
    }
    expect(sha256s).toEqual(new Set());
  });
});
