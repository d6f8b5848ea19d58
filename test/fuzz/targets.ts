import { ok, strictEqual } from 'node:assert/strict';
import { compressFrameSync, decompressFrameSync } from 'lz4-napi';
import { parseSha256 } from '../../src/lib/sha256.ts';
import { ungroupBytes } from '../../src/xet/byte-grouping.ts';
import { decodeLz4Frame } from '../../src/xet/lz4-frame.ts';
import { parseShard } from '../../src/xet/shard.ts';
import { parseXetHash, xetHashBytes, xetHashText } from '../../src/xet/xet-hash.ts';
import { decodeXorbIndex, encodeXorbIndex, rawRangeBytes } from '../../src/xet/xorb-index.ts';
import { decodeChunk, verifyXorb } from '../../src/xet/xorb.ts';
import { xxhash32 } from '../../src/xet/xxhash32.ts';
import { frameHeader, sequence, uint32, writeLz4Frame } from './lz4-writer.ts';
import type { Random } from './mutator.ts';
import { fileOf, groupBytes, type SampleChunk, shardOf, xorbOf } from './xet-samples.ts';

/** A parser, what it accepts, and what must be true of its answers. */
export interface FuzzTarget {
  readonly name: string;
  /** Valid inputs of a few hundred bytes. */
  readonly seeds: readonly Buffer[];
  /** Makes inputs that have the right form and say anything; half of the inputs come from here. */
  make?(random: Random): Buffer;
  /** Parses the input. A refusal is thrown, and so is an answer that is wrong. */
  run(input: Buffer, random: Random): void;
}

const TEXT = Buffer.from('Words that come again, words that come back. '.repeat(9));
const FLOATS = Buffer.from(Float32Array.from({ length: 60 }, (_, i) => Math.sin(i)).buffer);
const BYTES = Buffer.from(Array.from({ length: 130 }, (_, i) => (i * i * 7) % 251));
const SAMPLES = [TEXT, FLOATS, BYTES, Buffer.alloc(300), Buffer.alloc(250, 'abc'), Buffer.from('x')];

const LZ4_CAPACITY_BYTES = 700;
const GUARD_BYTES = 64;
const GUARD = 0xa5;
const lz4Memory = Buffer.alloc(LZ4_CAPACITY_BYTES + GUARD_BYTES);

const lz4Frame: FuzzTarget = {
  name: 'lz4-frame',
  seeds: SAMPLES.flatMap((content) => [
    compressFrameSync(content),
    writeLz4Frame(content, { blockBytes: 80 }),
    writeLz4Frame(content, { linkedBlocks: true, blockBytes: 50 }),
    writeLz4Frame(content, {
      blockBytes: 80,
      blockChecksums: true,
      contentChecksum: true,
      contentSize: true,
    }),
    writeLz4Frame(content, { linkedBlocks: true, storedBlocks: true, blockBytes: 33 }),
  ]),
  make: anySequences,
  run(input, random) {
    const frame = random.below(2) === 0 ? input : withRightHeaderChecksum(input);
    const capacity = random.below(3) === 0 ? random.below(LZ4_CAPACITY_BYTES) : LZ4_CAPACITY_BYTES;
    const target = lz4Memory.subarray(0, capacity);
    const guard = lz4Memory.subarray(capacity, capacity + GUARD_BYTES).fill(GUARD);
    try {
      const written = decodeLz4Frame(frame, target);
      ok(written <= capacity);
      // Clients decode with lz4_flex: what the hub accepts they must accept, and read the same.
      ok(decompressFrameSync(frame).equals(target.subarray(0, written)), 'lz4_flex reads other bytes');
    } finally {
      ok(
        guard.every((byte) => byte === GUARD),
        'wrote past the target',
      );
    }
  },
};

const byteGrouping: FuzzTarget = {
  name: 'byte-grouping',
  seeds: [Buffer.alloc(0), ...SAMPLES],
  run(input) {
    const target = Buffer.alloc(input.length);
    ungroupBytes(input, target);
    ok(groupBytes(target).equals(input), 'grouping does not bring the bytes back');
  },
};

const XORBS = [
  xorbOf([{ content: TEXT, scheme: 0 }]),
  xorbOf(SAMPLES.map((content): SampleChunk => ({ content, scheme: 1 }))),
  xorbOf(SAMPLES.map((content): SampleChunk => ({ content, scheme: 2 }))),
  xorbOf(SAMPLES.map((content, i): SampleChunk => ({ content, scheme: ([0, 1, 2] as const)[i % 3]! }))),
];
const chunkTarget = Buffer.alloc(128 * 1024);

const xorb: FuzzTarget = {
  name: 'xorb',
  seeds: [
    ...XORBS.map(({ body }) => body),
    Buffer.concat([XORBS[0]!.body, Buffer.from('XETBLOB\x01footer')]),
  ],
  run(input, random) {
    const { index, rawBytes, serializedBytes } = verifyXorb(input, random.pick(XORBS).hash);
    ok(serializedBytes <= input.length);
    strictEqual(index.ends.at(-1), serializedBytes);
    strictEqual(rawRangeBytes(index, 0, index.lengths.length), rawBytes);
    const start = random.pick([0, ...index.ends.subarray(0, -1)]);
    ok(decodeChunk(input, start, chunkTarget).nextOffset <= serializedBytes);
  },
};

const chunk: FuzzTarget = {
  name: 'chunk',
  seeds: XORBS.map(({ body }) => body),
  run(input, random) {
    const offset = random.below(4) === 0 ? random.below(input.length + 9) : 0;
    const { lengthBytes, nextOffset } = decodeChunk(input, offset, chunkTarget);
    ok(lengthBytes > 0 && lengthBytes <= chunkTarget.length);
    ok(nextOffset > offset + 8 && nextOffset <= input.length);
  },
};

const SHA256 = parseSha256('0123456789abcdef'.repeat(4));

const shard: FuzzTarget = {
  name: 'shard',
  seeds: [
    shardOf({ files: [], xorbs: [] }),
    shardOf({ files: [fileOf(XORBS[0]!, SHA256)], xorbs: [XORBS[0]!] }),
    shardOf({ files: XORBS.map((of) => fileOf(of)), xorbs: XORBS, footer: 'plain' }),
    shardOf({ files: XORBS.map((of) => fileOf(of, SHA256)), xorbs: XORBS, footer: 'tables' }),
    shardOf({ files: [{ ...fileOf(XORBS[1]!), withoutRangeHashes: true }], xorbs: [] }),
  ],
  run(input) {
    const { files, xorbCount } = parseShard(input);
    const terms = files.flatMap((file) => file.terms);
    ok((files.length + terms.length + xorbCount) * 48 <= input.length, 'more records than bytes');
    for (const term of terms) {
      ok(term.chunkStart < term.chunkEnd && term.rawBytes > 0);
      strictEqual(term.rangeHash?.length ?? 32, 32);
    }
  },
};

const xorbIndex: FuzzTarget = {
  name: 'xorb-index',
  seeds: XORBS.map(({ body, hash }) => encodeXorbIndex(verifyXorb(body, hash).index)),
  run(input) {
    const index = decodeXorbIndex(input);
    ok(encodeXorbIndex(index).equals(input), 'the index does not come back');
  },
};

const hash: FuzzTarget = {
  name: 'hash',
  seeds: XORBS.map((of) => Buffer.from(of.hash)),
  run(input) {
    const text = input.toString('utf8');
    strictEqual(xetHashText(xetHashBytes(parseXetHash(text))), text);
  },
};

export const FUZZ_TARGETS: readonly FuzzTarget[] = [
  lz4Frame,
  byteGrouping,
  chunk,
  xorb,
  shard,
  xorbIndex,
  hash,
];

/** Otherwise the checksum would hide the rest of the header from most changes. */
function withRightHeaderChecksum(input: Buffer): Buffer {
  const end = input.length > 4 && (input[4]! & 0b1000) !== 0 ? 14 : 6;
  if (input.length <= end) return input;
  const frame = Buffer.from(input);
  frame[end] = (xxhash32(frame.subarray(4, end)) >> 8) & 0xff;
  return frame;
}

/** A frame of blocks whose sequences are well written, with distances and lengths that may be impossible. */
function anySequences(random: Random): Buffer {
  const parts: Uint8Array[] = [frameHeader(0, { linkedBlocks: random.below(2) === 0 })];
  for (let blocks = random.below(3); blocks >= 0; blocks--) {
    const sequences: Uint8Array[] = [];
    for (let left = random.below(12); left > 0; left--) {
      const match = {
        distance: random.below(random.pick([6, 30, 200])),
        length: 4 + random.below(random.pick([15, 16, 90])),
      };
      sequences.push(sequence(random.bytes(random.below(random.pick([4, 16, 60]))), match));
    }
    sequences.push(sequence(random.bytes(random.below(random.pick([4, 40]))), null));
    const block = Buffer.concat(sequences);
    parts.push(uint32(block.length), block);
  }
  return Buffer.concat([...parts, uint32(0)]);
}
