import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { type SampleXorb, xorbOf } from '../../test/fuzz/xet-samples.ts';
import { dedupHash } from './keyed-hash.ts';
import { writeDedupShard } from './shard-writer.ts';
import { parseShard } from './shard.ts';
import { xetHashText } from './xet-hash.ts';
import { verifyXorb } from './xorb.ts';

const KEY = randomBytes(32);
const OPTIONS = {
  hmacKey: KEY,
  createdAt: new Date('2026-01-02T03:04:05.678Z'),
  expiresAt: new Date('2026-01-23T03:04:05Z'),
};

function dedupXorb(...texts: readonly string[]) {
  const sample: SampleXorb = xorbOf(
    texts.map((text) => ({ content: Buffer.from(text), scheme: 0 as const })),
  );
  return { hash: sample.hash, index: verifyXorb(sample.body, sample.hash).index };
}

const FIRST = dedupXorb('one', 'three');
const SECOND = dedupXorb('seventeen');
const SHARD = await writeDedupShard([FIRST, SECOND], OPTIONS);
const FOOTER_AT = 48 * (1 + 1 + 3 + 2 + 1);

function uint64(at: number): number {
  return Number(SHARD.readBigUInt64LE(FOOTER_AT + at));
}

function numbers(record: number): number[] {
  return [32, 36, 40, 44].map((at) => SHARD.readUInt32LE(48 * record + at));
}

describe('writeDedupShard', () => {
  it('is a shard without files', () => {
    expect(parseShard(SHARD)).toEqual({ files: [], xorbCount: 2 });
    expect(SHARD.length).toBe(FOOTER_AT + 200);
    expect(SHARD.subarray(0, 14).toString()).toBe('HFRepoMetaData');
    expect(SHARD.subarray(32, 48).toString('hex')).toBe('0200000000000000c800000000000000');
    expect(SHARD.subarray(48, 96).toString('hex')).toBe('ff'.repeat(32) + '00'.repeat(16));
  });

  it('names the xorbs, their chunks and lengths', () => {
    expect(xetHashText(SHARD, 96)).toBe(FIRST.hash);
    // Flags, chunks, uncompressed bytes, stored bytes.
    expect(numbers(2)).toEqual([0, 2, 8, 24]);
    // Start, length.
    expect(numbers(3)).toEqual([0, 3, 0, 0]);
    expect(numbers(4)).toEqual([3, 5, 0, 0]);
    expect(xetHashText(SHARD, 48 * 5)).toBe(SECOND.hash);
    expect(numbers(5)).toEqual([0, 1, 9, 17]);
  });

  it('shows chunk hashes only under the key', () => {
    for (const [record, rawHash] of [
      [3, FIRST.index.hashes.subarray(0, 32)],
      [4, FIRST.index.hashes.subarray(32, 64)],
      [6, SECOND.index.hashes],
    ] as const) {
      expect(SHARD.subarray(48 * record, 48 * record + 32)).toEqual(dedupHash(KEY, rawHash));
    }
    // The hash of a xorb with one chunk is that chunk's, so this cannot be asked of the second one.
    expect(SHARD.includes(FIRST.index.hashes.subarray(0, 32))).toBe(false);
    expect(SHARD.includes(FIRST.index.hashes.subarray(32, 64))).toBe(false);
  });

  it('has the footer that clients need', () => {
    expect([0, 8, 16].map(uint64)).toEqual([1, 48, 96]);
    // Offset and count of the three lookup tables.
    expect([24, 32, 40, 48, 56, 64].map(uint64)).toEqual([FOOTER_AT, 0, FOOTER_AT, 0, FOOTER_AT, 0]);
    expect(SHARD.subarray(FOOTER_AT + 72, FOOTER_AT + 104)).toEqual(KEY);
    expect([104, 112].map(uint64)).toEqual([1767323045, 1769137445]);
    expect(SHARD.subarray(FOOTER_AT + 120, FOOTER_AT + 168)).toEqual(Buffer.alloc(48));
    // Stored, in files, uncompressed; and where the footer is.
    expect([168, 176, 184, 192].map(uint64)).toEqual([41, 0, 17, FOOTER_AT]);
  });

  it.for([
    ['no key', Buffer.alloc(0)],
    ['a short key', randomBytes(31)],
    ['the key that hides nothing', Buffer.alloc(32)],
  ] as const)('refuses %s', async ([, hmacKey]) => {
    await expect(writeDedupShard([FIRST], { ...OPTIONS, hmacKey })).rejects.toThrow(RangeError);
  });

  it('can be empty', async () => {
    expect(parseShard(await writeDedupShard([], OPTIONS))).toEqual({ files: [], xorbCount: 0 });
  });
});
