import { randomBytes } from 'node:crypto';
import * as fc from 'fast-check';
import { compressFrameSync } from 'lz4-napi';
import { describe, expect, it } from 'vitest';
import {
  frameHeader,
  lz4FrameAround,
  sequence,
  uint32,
  withHeaderChecksum,
  writeLz4Frame,
  type Lz4WriterOptions,
} from '../../test/fuzz/lz4-writer.ts';
import { decodeLz4Frame } from './lz4-frame.ts';
import { XetFormatError } from './xet-errors.ts';

const CAPACITY_BYTES = 300_000;
const TEXT = Buffer.from(
  Array.from({ length: 2000 }, (_, i) => `line ${i % 7} of a text that repeats itself\n`).join(''),
);
/** `lz4 -BD -BX -B4 --content-size` of version 1.9.4 for TEXT: two linked blocks, every checksum, the content's size. */
const LINKED_FRAME_OF_TEXT = Buffer.from(
  `BCJNGFxAECEBAAAAAAA8UAEAAPEWbGluZSAwIG9mIGEgdGV4dCB0aGF0IHJlcGVhdHMgaXRzZWxmCiUAHzElABEfMiUAER8zJQARHzQlABEfNSUAER82JQARDwMB${'/'.repeat(340)}31AgMCBvZrIpJDQrAAAAD/f${'/'.repeat(45)}GVBzZWxmCg/D4gQAAAAAlJ2ddg==`,
  'base64',
);
const LETTERS = Buffer.from('abcdefgh');

function decoded(frame: Uint8Array, capacity = CAPACITY_BYTES): Buffer {
  const target = Buffer.alloc(capacity);
  return target.subarray(0, decodeLz4Frame(frame, target));
}

/** A frame of one independent block that ends with enough literals for the fast way of the decoder to be taken, or not. */
function frameOfBlock(...sequences: readonly Uint8Array[]): Buffer {
  return lz4FrameAround([Buffer.concat(sequences)]);
}

const tail = (length: number): Buffer => sequence(Buffer.alloc(length, 'z'), null);

/** Contents of every kind: random, repeating with short and long distances, long runs. */
const contents = fc
  .array(
    fc.oneof(
      fc.uint8Array({ maxLength: 200 }),
      fc
        .tuple(fc.uint8Array({ minLength: 1, maxLength: 40 }), fc.integer({ min: 1, max: 60 }))
        .map(([bytes, times]) => Buffer.concat(Array.from({ length: times }, () => bytes))),
    ),
    { maxLength: 12 },
  )
  .map((parts) => Buffer.concat(parts));

const writerOptions: fc.Arbitrary<Lz4WriterOptions> = fc.record({
  linkedBlocks: fc.boolean(),
  blockBytes: fc.integer({ min: 16, max: 3000 }),
  storedBlocks: fc.boolean(),
  blockChecksums: fc.boolean(),
  contentChecksum: fc.boolean(),
  contentSize: fc.boolean(),
});

describe('decodeLz4Frame', () => {
  it.for([
    ['nothing', Buffer.alloc(0)],
    ['one byte', Buffer.from('x')],
    ['text', TEXT],
    ['zeros', Buffer.alloc(200_000)],
    ['a pair of bytes again and again', Buffer.alloc(150_000, 'ab')],
    ['three bytes again and again', Buffer.alloc(150_000, 'abc')],
    ['random bytes', randomBytes(131_072)],
  ] as const)('decodes %s as lz4_flex writes it', ([, content]) => {
    expect(decoded(compressFrameSync(content)).equals(content)).toBe(true);
    const checked = compressFrameSync(content, { blockChecksums: true, contentChecksum: true });
    expect(decoded(checked).equals(content)).toBe(true);
  });

  it('decodes what lz4_flex writes for any content', () => {
    fc.assert(
      fc.property(contents, (content) => {
        expect(decoded(compressFrameSync(content))).toEqual(content);
      }),
    );
  });

  it('decodes every option of the format for any content', () => {
    fc.assert(
      fc.property(contents, writerOptions, (content, options) => {
        const frame = writeLz4Frame(content, options);
        expect(decoded(frame)).toEqual(content);
        expect(decoded(frame, content.length)).toEqual(content);
      }),
    );
  });

  it('decodes linked blocks with every checksum as the lz4 command writes them', () => {
    expect(decoded(LINKED_FRAME_OF_TEXT).equals(TEXT)).toBe(true);
    expect(decoded(LINKED_FRAME_OF_TEXT, TEXT.length).equals(TEXT)).toBe(true);
  });

  it.for([1, 2, 3, 4, 5, 7, 8])('repeats a match with the short distance %i', (distance) => {
    for (const length of [4, 18, 19, 47, 48, 100, 300]) {
      const match = sequence(LETTERS, { distance, length });
      const period = LETTERS.subarray(LETTERS.length - distance);
      const expected = Buffer.concat([LETTERS, Buffer.alloc(length, period), Buffer.alloc(40, 'z')]);
      expect(decoded(frameOfBlock(match, tail(40)))).toEqual(expected);
    }
  });

  it('decodes short sequences right up to the end of the target', () => {
    for (let literals = 0; literals < 17; literals++) {
      for (const length of [4, 5, 17, 18, 19]) {
        for (let rest = 1; rest < 40; rest++) {
          const bytes = Buffer.alloc(literals, 'literals of any length');
          const frame = frameOfBlock(
            sequence(LETTERS, { distance: 8, length: 8 }),
            sequence(bytes, { distance: 8, length }),
            tail(rest),
          );
          const written = Buffer.concat([LETTERS, LETTERS, bytes]);
          const match = Buffer.alloc(length, written.subarray(-8));
          const expected = Buffer.concat([written, match, Buffer.alloc(rest, 'z')]);
          expect(decoded(frame, expected.length).equals(expected)).toBe(true);
        }
      }
    }
  });

  it('never writes past the target', () => {
    fc.assert(
      fc.property(contents, writerOptions, fc.nat(), (content, options, cut) => {
        fc.pre(content.length > 0);
        const capacity = cut % content.length;
        const memory = Buffer.alloc(content.length + 64, 0xaa);
        const frame = writeLz4Frame(content, options);
        expect(() => decodeLz4Frame(frame, memory.subarray(0, capacity))).toThrow(XetFormatError);
        expect(memory.subarray(capacity).every((byte) => byte === 0xaa)).toBe(true);
      }),
    );
  });

  it.for([20_000, 5000, 100])('refuses a frame of which anything is missing, for %i bytes', (length) => {
    const frame = writeLz4Frame(TEXT.subarray(0, length), {
      blockChecksums: true,
      contentChecksum: true,
      contentSize: true,
      blockBytes: 3000,
    });
    for (let end = 0; end < frame.length; end++) {
      expect(() => decoded(frame.subarray(0, end))).toThrow(XetFormatError);
    }
  });

  it('refuses a changed byte anywhere when there are checksums', () => {
    const options = { blockChecksums: true, contentChecksum: true };
    const frame = writeLz4Frame(TEXT.subarray(0, 2000), options);
    for (let i = 0; i < frame.length; i++) {
      const damaged = Buffer.from(frame);
      damaged[i]! ^= 0x10;
      expect(() => decoded(damaged), `byte ${i}`).toThrow(XetFormatError);
    }
  });

  it('refuses a bomb at the cap', () => {
    const bomb = compressFrameSync(Buffer.alloc(50_000_000));
    expect(() => decoded(bomb, 131_072)).toThrow(/at most 131072 bytes fit/);
    const run = sequence(LETTERS, { distance: 1, length: 60_000_000 });
    expect(() => decoded(frameOfBlock(run.subarray(0, 60_000), tail(8)), 131_072)).toThrow(XetFormatError);
  });

  it.for([
    ['another magic number', Buffer.from('02214c184040c000000000', 'hex'), /not an LZ4 frame/],
    ['a skippable frame', Buffer.from('502a4d180000000000000000', 'hex'), /not an LZ4 frame/],
    ['another version', withHeaderChecksum(Buffer.from([0x20, 0x40])), /unknown version or reserved/],
    ['a reserved flag', withHeaderChecksum(Buffer.from([0x62, 0x40])), /unknown version or reserved/],
    ['a reserved bit', withHeaderChecksum(Buffer.from([0x60, 0x41])), /unknown version or reserved/],
    ['a high reserved bit', withHeaderChecksum(Buffer.from([0x60, 0xc0])), /unknown version or reserved/],
    ['a block size of old', withHeaderChecksum(Buffer.from([0x60, 0x30])), /block size code 3/],
    ['a dictionary', withHeaderChecksum(Buffer.from([0x61, 0x40, 1, 2, 3, 4])), /dictionary/],
    [
      'a wrong header checksum',
      Buffer.concat([frameHeader(0, {}).subarray(0, 6), Buffer.from([0, 0, 0, 0, 0])]),
      /header checksum/,
    ],
    ['bytes after the end', Buffer.concat([writeLz4Frame(TEXT), Buffer.from([0])]), /after the end/],
    ['a second frame', Buffer.concat([writeLz4Frame(TEXT), writeLz4Frame(TEXT)]), /after the end/],
    [
      'a wrong content size',
      Buffer.concat([
        withHeaderChecksum(Buffer.concat([Buffer.from([0x68, 0x40]), uint32(7), uint32(0)])),
        writeLz4Frame(LETTERS).subarray(7),
      ]),
      /announces 7 bytes of content and has 8/,
    ],
    [
      'a content size beyond 32 bits',
      Buffer.concat([
        withHeaderChecksum(Buffer.concat([Buffer.from([0x68, 0x40]), uint32(8), uint32(1)])),
        writeLz4Frame(LETTERS).subarray(7),
      ]),
      /announces 4294967304 bytes/,
    ],
    [
      'a compressed block beyond the block size',
      lz4FrameAround([tail(65_600)]),
      /larger than its header allows/,
    ],
    [
      'a stored block beyond the block size',
      writeLz4Frame(Buffer.alloc(65_537), { storedBlocks: true, blockBytes: 65_537 }),
      /larger than its header allows/,
    ],
    [
      'a block that becomes longer than the block size',
      frameOfBlock(sequence(LETTERS, { distance: 8, length: 65_530 }), tail(8)),
      /holds more/,
    ],
    [
      'an empty stored block',
      Buffer.concat([frameHeader(0, {}), uint32(0x8000_0000), uint32(0)]),
      /no content/,
    ],
    ['an empty compressed block', frameOfBlock(Buffer.from([0])), /no content/],
    [
      'a block that ends with a match',
      frameOfBlock(sequence(LETTERS, { distance: 8, length: 4 })),
      /damaged/,
    ],
    ['a distance of zero', frameOfBlock(sequence(LETTERS, { distance: 0, length: 4 }), tail(40)), /damaged/],
    [
      'a distance of zero near the end',
      frameOfBlock(sequence(LETTERS, { distance: 0, length: 4 }), tail(3)),
      /damaged/,
    ],
    [
      'a match before the start',
      frameOfBlock(sequence(LETTERS, { distance: 9, length: 4 }), tail(40)),
      /damaged/,
    ],
    [
      'a match before the start, near the end',
      frameOfBlock(sequence(LETTERS, { distance: 9, length: 4 }), tail(3)),
      /damaged/,
    ],
    [
      'a match into another independent block',
      lz4FrameAround([tail(40), Buffer.concat([sequence(LETTERS, { distance: 9, length: 4 }), tail(40)])]),
      /damaged/,
    ],
    ['literals beyond the block', frameOfBlock(Buffer.from([0x50, 1, 2])), /damaged/],
    ['a literal length that does not end', frameOfBlock(Buffer.from([0xf0, 255, 255])), /damaged/],
    ['a match length that does not end', frameOfBlock(Buffer.from([0x1f, 1, 1, 0, 255])), /damaged/],
    ['half a distance', frameOfBlock(Buffer.from([0x10, 1, 1])), /damaged/],
  ] as const)('refuses %s', ([, frame, message]) => {
    expect(() => decoded(frame)).toThrow(XetFormatError);
    expect(() => decoded(frame)).toThrow(message);
  });
});
