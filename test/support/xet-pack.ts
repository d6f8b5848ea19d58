import { createHash } from 'node:crypto';
import { compressFrameSync } from 'lz4-napi';
import { parseSha256 } from '../../src/lib/sha256.ts';
import { ChunkHasher } from '../../src/xet/chunker.ts';
import { rangeHash } from '../../src/xet/keyed-hash.ts';
import { fileHash } from '../../src/xet/merkle.ts';
import { XET_HASH_BYTES, type XetHash, xetHashText } from '../../src/xet/xet-hash.ts';
import { MAX_XORB_CHUNKS } from '../../src/xet/xorb-index.ts';
import {
  chunkList,
  groupBytes,
  type SampleFile,
  type SampleTerm,
  type SampleXorb,
  type Scheme,
  xorbOf,
} from '../fuzz/xet-samples.ts';
import type { TestObject } from './lfs-world.ts';

/** How an honest client packs what it uploads. */
export interface PackOptions {
  /** 0 stored, 1 LZ4, 2 bytes grouped by four and LZ4. A client picks one for each chunk; this one for all. */
  readonly scheme?: Scheme;
  /** Small, so that a small file needs several xorbs. */
  readonly chunksPerXorb?: number;
}

/** Contents as an honest client uploads them: new chunks once, in xorbs, and a shard with a file for each content. */
export interface PackedFiles {
  readonly objects: readonly TestObject[];
  readonly files: readonly SampleFile[];
  readonly xorbs: readonly SampleXorb[];
}

/**
 * Packs contents as clients do: a chunk that was packed before, in this or in an earlier content, is not packed again.
 * @throws {RangeError} unless a xorb has 1 to 8192 chunks.
 */
export function packFiles(contents: readonly Buffer[], options: PackOptions = {}): PackedFiles {
  const { scheme = 0, chunksPerXorb = 512 } = options;
  if (!(chunksPerXorb > 0 && chunksPerXorb <= MAX_XORB_CHUNKS)) throw new RangeError('chunksPerXorb');
  const cut = contents.map(chunksOf);
  const places = new Map<XetHash, Place>();
  const packs: Buffer[][] = [];
  for (const chunk of cut.flat()) {
    const hash = hashOf(chunk);
    if (places.has(hash)) continue;
    if (packs.length === 0 || packs.at(-1)!.length === chunksPerXorb) packs.push([]);
    const pack = packs.at(-1)!;
    places.set(hash, { pack: packs.length - 1, chunk: pack.length });
    pack.push(chunk);
  }
  const xorbs = packs.map((chunks) => xorbFrom(chunks, scheme));
  const objects = contents.map((bytes) => ({
    bytes,
    sha256: parseSha256(createHash('sha256').update(bytes).digest('hex')),
  }));
  const files = cut.map((chunks, i): SampleFile => {
    const runs = runsOf(chunks.map((chunk) => places.get(hashOf(chunk))!));
    return {
      hash: xetHashText(fileHash(chunkList(chunks))),
      sha256: objects[i]!.sha256,
      terms: runs.map(({ pack, start, end }) => termOf(xorbs[pack]!, start, end)),
    };
  });
  return { objects, files, xorbs };
}

/** A content in the pieces that Xet cuts it into. */
export function chunksOf(bytes: Buffer): Buffer[] {
  const hasher = new ChunkHasher();
  hasher.update(bytes);
  let end = 0;
  return Array.from(hasher.finish().lengths, (length) => bytes.subarray(end, (end += length)));
}

/** A xorb of these chunks, compressed by the reference implementation of LZ4. */
export function xorbFrom(chunks: readonly Buffer[], scheme: Scheme = 0): SampleXorb {
  return xorbOf(
    chunks.map((content) => {
      if (scheme === 0) return { content, scheme };
      const frame = compressFrameSync(scheme === 1 ? content : groupBytes(content));
      // As clients do: a chunk that does not compress is stored.
      return frame.length < content.length ? { content, scheme, frame } : { content, scheme: 0 };
    }),
  );
}

/** An honest term: these chunks of this xorb, with the proof that the client knows them. */
export function termOf(xorb: SampleXorb, chunkStart: number, chunkEnd: number): SampleTerm {
  const hashes = xorb.hashes.subarray(chunkStart * XET_HASH_BYTES, chunkEnd * XET_HASH_BYTES);
  const lengths = xorb.lengths.subarray(chunkStart, chunkEnd);
  return {
    xorb: xorb.hash,
    chunkStart,
    chunkEnd,
    rawBytes: lengths.reduce((total, length) => total + length, 0),
    rangeHash: rangeHash(hashes),
  };
}

interface Place {
  readonly pack: number;
  readonly chunk: number;
}

interface Run {
  readonly pack: number;
  readonly start: number;
  end: number;
}

function runsOf(places: readonly Place[]): Run[] {
  const runs: Run[] = [];
  for (const { pack, chunk } of places) {
    const last = runs.at(-1);
    if (last?.pack === pack && last.end === chunk) last.end++;
    else runs.push({ pack, start: chunk, end: chunk + 1 });
  }
  return runs;
}

function hashOf(chunk: Buffer): XetHash {
  return xetHashText(chunkList([chunk]).hashes);
}
