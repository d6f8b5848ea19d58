import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  fileOf,
  type SampleFile,
  type SampleShard,
  type SampleXorb,
  shardOf,
  xorbOf,
} from '../../test/fuzz/xet-samples.ts';
import { BadRequest } from '../lib/domain-error.ts';
import { parseSha256 } from '../lib/sha256.ts';
import { parseShard } from './shard.ts';
import { XetFormatError } from './xet-errors.ts';

const SHA256 = parseSha256('0123456789abcdef'.repeat(4));
const HEADER_BYTES = 48;
const XORB = xorbOf([
  { content: Buffer.from('hello'), scheme: 0 },
  { content: Buffer.from('world'), scheme: 0 },
]);
const FILE = fileOf(XORB, SHA256);
const SHARD = shardOf({ files: [FILE], xorbs: [XORB] });

const textXorb = fc
  .array(fc.uint8Array({ minLength: 1, maxLength: 20 }), { minLength: 1, maxLength: 5 })
  .map((contents) => xorbOf(contents.map((content) => ({ content, scheme: 0 as const }))));

const shards: fc.Arbitrary<SampleShard> = fc.record(
  {
    files: fc.array(
      fc.tuple(textXorb, fc.boolean()).map(([xorb, named]) => fileOf(xorb, named ? SHA256 : undefined)),
      { maxLength: 5 },
    ),
    xorbs: fc.array(textXorb, { maxLength: 5 }),
    footer: fc.constantFrom('plain', 'tables'),
  },
  { requiredKeys: ['files', 'xorbs'] },
);

function parses(bytes: Uint8Array): () => unknown {
  return () => parseShard(bytes);
}

/** The shard with some bytes replaced. */
function patched(at: number, hex: string, shard = SHARD): Buffer {
  const bytes = Buffer.from(shard);
  bytes.write(hex, at, 'hex');
  return bytes;
}

function shardWithTerm(term: Partial<SampleFile['terms'][number]>): Buffer {
  return shardOf({ files: [{ ...FILE, terms: [{ ...FILE.terms[0]!, ...term }] }], xorbs: [] });
}

describe('parseShard', () => {
  it('returns the files as the client described them', () => {
    expect(parseShard(SHARD)).toEqual({
      files: [{ hash: FILE.hash, sha256: SHA256, terms: FILE.terms }],
      xorbCount: 1,
    });
  });

  it('accepts whatever clients send', () => {
    fc.assert(
      fc.property(shards, (sample) => {
        const { files, xorbCount } = parseShard(shardOf(sample));
        expect(files).toEqual(
          sample.files.map(({ hash, sha256 = null, terms }) => ({ hash, sha256, terms })),
        );
        expect(xorbCount).toBe(sample.xorbs.length);
      }),
    );
  });

  it('says null for a SHA-256 and range hashes that were not sent', () => {
    const bare: SampleFile = { hash: FILE.hash, terms: FILE.terms, withoutRangeHashes: true };
    const [file] = parseShard(shardOf({ files: [bare], xorbs: [] })).files;
    expect(file!.sha256).toBeNull();
    expect(file!.terms.map((term) => term.rangeHash)).toEqual([null]);
  });

  it('accepts a file without terms', () => {
    const shard = shardOf({ files: [{ hash: FILE.hash, terms: [] }], xorbs: [] });
    expect(parseShard(shard).files[0]!.terms).toEqual([]);
  });

  it('reads unused bytes as unused', () => {
    // The rest of the file's header, of its range hash, its SHA-256, and of both bookends.
    let bytes = patched(HEADER_BYTES + 40, 'ff'.repeat(8));
    for (const recordIndex of [3, 4, 5]) bytes = patched(recordIndex * 48 + 32, 'ab'.repeat(16), bytes);
    bytes = patched(SHARD.length - 16, 'cd'.repeat(16), bytes);
    expect(parseShard(bytes)).toEqual(parseShard(SHARD));
  });

  it('reads what hf_xet 1.2 sends: a footer that is announced and cut off', () => {
    expect(parseShard(patched(40, 'c8'))).toEqual(parseShard(SHARD));
  });

  it.for([
    ['without a footer', SHARD],
    ['with a footer', shardOf({ files: [FILE], xorbs: [XORB], footer: 'plain' })],
    ['with a footer and tables', shardOf({ files: [FILE], xorbs: [XORB], footer: 'tables' })],
  ] as const)('refuses a shard %s of which anything is missing or too much', ([, shard]) => {
    for (let end = 0; end < shard.length; end++) {
      // A footer may be missing as a whole.
      if (end === SHARD.length) continue;
      expect(parses(shard.subarray(0, end)), `${end} bytes`).toThrow(XetFormatError);
    }
    expect(parses(Buffer.concat([shard, Buffer.alloc(1)]))).toThrow(XetFormatError);
    expect(parses(Buffer.concat([shard, Buffer.alloc(48)]))).toThrow(XetFormatError);
  });

  it.for([
    ['nothing', Buffer.alloc(0), /ends too early/],
    ['another tag', patched(0, '00'), /first 32 bytes/],
    ['another tag at its end', patched(31, '00'), /first 32 bytes/],
    ['another version', patched(32, '03'), /Only version 2/],
    ['a version that is right in its low half only', patched(36, '01'), /Only version 2/],
    ['an announced footer of another size that is missing', patched(40, 'c7'), /must have 200 bytes/],
    [
      'a footer of another size',
      patched(40, 'c7', shardOf({ files: [], xorbs: [], footer: 'plain' })),
      /must have 200 bytes/,
    ],
    [
      'a footer that was not announced',
      patched(40, '00', shardOf({ files: [], xorbs: [], footer: 'plain' })),
      /after the end/,
    ],
    [
      'a footer of another version',
      patched(144, '02', shardOf({ files: [], xorbs: [], footer: 'plain' })),
      /version 1 of the shard footer/,
    ],
    [
      'a footer with tables that are not there',
      patched(144 + 32, '01', shardOf({ files: [], xorbs: [], footer: 'plain' })),
      /between the sections/,
    ],
    [
      'a footer with endless tables',
      patched(144 + 64, 'ff'.repeat(8), shardOf({ files: [], xorbs: [], footer: 'plain' })),
      /between the sections/,
    ],
    [
      'an endless count of terms',
      patched(HEADER_BYTES + 36, 'ffffffff'),
      /ends too early: it has \d+ bytes, not 2061584/,
    ],
    ['one term too many', patched(HEADER_BYTES + 36, '02'), /chunks 0 to 0/],
    ['an endless count of chunks', patched(SHARD.length - 4 * 48 + 36, 'ffffffff'), /ends too early/],
    [
      'an endless count in 96 bytes',
      Buffer.concat([SHARD.subarray(0, 48), Buffer.alloc(36, 0), Buffer.alloc(12, 0xff)]),
      /ends too early/,
    ],
    [
      'unknown flags of a file',
      shardOf({ files: [{ ...FILE, extraFlags: 1 }], xorbs: [] }),
      /unknown flags \(0xc0000001\)/,
    ],
    [
      'another unknown flag',
      shardOf({ files: [{ ...FILE, extraFlags: 0x2000_0000 }], xorbs: [] }),
      /unknown flags/,
    ],
    ['a term without chunks', shardWithTerm({ chunkStart: 2, chunkEnd: 2 }), /which no xorb can have/],
    ['a term that ends before it begins', shardWithTerm({ chunkStart: 2, chunkEnd: 1 }), /chunks 2 to 1/],
    ['a term beyond the largest xorb', shardWithTerm({ chunkEnd: 8193 }), /which no xorb can have/],
    ['a term without bytes', shardWithTerm({ rawBytes: 0 }), /with 0 bytes/],
  ] as const)('refuses %s', ([, bytes, message]) => {
    expect(parses(bytes)).toThrow(BadRequest);
    expect(parses(bytes)).toThrow(message);
  });

  it('refuses more than 64 MiB', () => {
    expect(parses(Buffer.alloc(64 * 1024 * 1024 + 1))).toThrow(/at most 67108864 bytes/);
  });

  it('counts xorbs without believing them', () => {
    const liar: SampleXorb = { ...XORB, hash: FILE.hash };
    expect(parseShard(shardOf({ files: [], xorbs: [liar, liar] })).xorbCount).toBe(2);
  });
});
