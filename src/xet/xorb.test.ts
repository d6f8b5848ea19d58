import { randomBytes } from 'node:crypto';
import * as fc from 'fast-check';
import { compressFrameSync } from 'lz4-napi';
import { describe, expect, it } from 'vitest';
import { writeLz4Frame } from '../../test/fuzz/lz4-writer.ts';
import {
  groupBytes,
  type SampleChunk,
  type Scheme,
  serialized,
  xorbOf,
} from '../../test/fuzz/xet-samples.ts';
import { BadRequest } from '../lib/domain-error.ts';
import { XetFormatError } from './xet-errors.ts';
import { parseXetHash, type XetHash } from './xet-hash.ts';
import { chunkHeader, decodeChunk, MAX_XORB_BODY_BYTES, verifyXorb } from './xorb.ts';

const HELLO = Buffer.from('hello');
const HELLO_HASH = parseXetHash('9076ba12d998050b9c95c8bf770f943e6cad55c7490a82b76cf1582a2a05c2c2');
const TEXT = Buffer.from('The same words again. '.repeat(50));

const chunkContents = fc.oneof(
  fc.uint8Array({ minLength: 1, maxLength: 600 }),
  fc
    .tuple(fc.uint8Array({ minLength: 1, maxLength: 20 }), fc.integer({ min: 1, max: 90 }))
    .map(([bytes, times]) => Buffer.concat(Array.from({ length: times }, () => bytes))),
);
const sampleChunks: fc.Arbitrary<SampleChunk[]> = fc.array(
  fc.record({ content: chunkContents, scheme: fc.constantFrom<Scheme>(0, 1, 2) }),
  { minLength: 1, maxLength: 12 },
);

/** A chunk whose header is made of these numbers, whatever follows it. */
function chunk(header: {
  version?: number;
  storedBytes: number;
  scheme?: number;
  lengthBytes: number;
  stored?: Uint8Array;
}): Buffer {
  const { version = 0, storedBytes, scheme = 0, lengthBytes, stored = Buffer.alloc(storedBytes) } = header;
  const bytes = Buffer.alloc(8);
  bytes[0] = version;
  bytes.writeUIntLE(storedBytes, 1, 3);
  bytes[4] = scheme;
  bytes.writeUIntLE(lengthBytes, 5, 3);
  return Buffer.concat([bytes, stored]);
}

/** Zeros by LZ4: a maximal chunk in a few hundred bytes. */
function zeroChunk(): Buffer {
  const frame = compressFrameSync(Buffer.alloc(131_072));
  return serialized({ content: Buffer.alloc(131_072), scheme: 1, frame });
}

function verifies(body: Uint8Array, hash: XetHash = HELLO_HASH): () => unknown {
  return () => verifyXorb(body, hash);
}

describe('verifyXorb', () => {
  it('accepts the published vector of one chunk', () => {
    const body = serialized({ content: HELLO, scheme: 0 });
    expect(body.toString('hex')).toBe('000500000005000068656c6c6f');
    expect(verifyXorb(body, HELLO_HASH)).toEqual({
      index: {
        hashes: Buffer.from(HELLO_HASH, 'hex').swap64(),
        lengths: Uint32Array.of(5),
        ends: Uint32Array.of(13),
      },
      rawBytes: 5,
      serializedBytes: 13,
    });
  });

  it('accepts the published vector of 1 MiB of zeros, compressed', () => {
    const body = Buffer.concat(Array.from({ length: 8 }, zeroChunk));
    const hash = parseXetHash('8c15d5bfe292d5f8f3b992149581636a5c4078ce9c4349d43f1a762ba0609839');
    const verified = verifyXorb(body, hash);
    expect(verified.rawBytes).toBe(1024 * 1024);
    expect(verified.serializedBytes).toBe(body.length);
  });

  it('accepts what a client could send, and its chunks decode', () => {
    fc.assert(
      fc.property(sampleChunks, (chunks) => {
        const xorb = xorbOf(chunks);
        const { index, rawBytes, serializedBytes } = verifyXorb(xorb.body, xorb.hash);
        expect(index.hashes).toEqual(xorb.hashes);
        expect(index.lengths).toEqual(xorb.lengths);
        expect(serializedBytes).toBe(xorb.body.length);
        expect(index.ends.at(-1)).toBe(serializedBytes);
        const target = Buffer.alloc(131_072);
        let offset = 0;
        let decodedBytes = 0;
        for (const [i, { content }] of chunks.entries()) {
          const { lengthBytes, nextOffset } = decodeChunk(xorb.body, offset, target);
          expect(target.subarray(0, lengthBytes).equals(content)).toBe(true);
          expect(nextOffset).toBe(index.ends[i]);
          offset = nextOffset;
          decodedBytes += lengthBytes;
        }
        expect(rawBytes).toBe(decodedBytes);
      }),
    );
  });

  it('leaves out a footer', () => {
    const xorb = xorbOf([{ content: TEXT, scheme: 2 }]);
    const footer = Buffer.concat([Buffer.from('XETBLOB\x01'), randomBytes(200)]);
    const verified = verifyXorb(Buffer.concat([xorb.body, footer]), xorb.hash);
    expect(verified.serializedBytes).toBe(xorb.body.length);
  });

  it('accepts 8192 chunks and refuses one more', () => {
    const chunks = Array.from({ length: 8192 }, (_, i) => ({
      content: Buffer.from(`chunk ${i}`),
      scheme: 0 as const,
    }));
    const xorb = xorbOf(chunks);
    expect(verifyXorb(xorb.body, xorb.hash).index.lengths.length).toBe(8192);
    const larger = xorbOf([...chunks, { content: HELLO, scheme: 0 }]);
    expect(verifies(larger.body, larger.hash)).toThrow(/at most 8192 chunks/);
  });

  it('refuses more than 64 MiB of uncompressed bytes before it decompresses any', () => {
    // The chunks' own bytes are damaged: had they been looked at, the sentence would be another one.
    const damaged = chunk({ storedBytes: 1, scheme: 1, lengthBytes: 131_072 });
    expect(verifies(Buffer.concat(Array.from({ length: 513 }, () => damaged)))).toThrow(
      /at most 67108864 bytes of uncompressed/,
    );
    expect(verifies(Buffer.concat(Array.from({ length: 512 }, () => damaged)))).toThrow(/Chunk 0/);
  });

  it('refuses a body beyond its limit', () => {
    expect(verifies(Buffer.alloc(MAX_XORB_BODY_BYTES + 1))).toThrow(/at most 67502176 bytes/);
  });

  it('has room for a full xorb that does not compress, and its footer', () => {
    expect(MAX_XORB_BODY_BYTES).toBe(64 * 1024 * 1024 + 8192 * 8 + (92 + 40 * 8192 + 4));
  });

  it('refuses a xorb that ends early, wherever', () => {
    const xorb = xorbOf([
      { content: HELLO, scheme: 0 },
      { content: TEXT, scheme: 1 },
      { content: TEXT, scheme: 2 },
    ]);
    for (let end = 0; end < xorb.body.length; end++) {
      expect(verifies(xorb.body.subarray(0, end), xorb.hash)).toThrow(XetFormatError);
    }
  });

  it('refuses a changed byte, wherever', () => {
    const xorb = xorbOf([
      { content: HELLO, scheme: 0 },
      { content: TEXT, scheme: 2, frame: writeLz4Frame(groupBytes(TEXT), { blockChecksums: true }) },
    ]);
    for (let i = 0; i < xorb.body.length; i++) {
      const damaged = Buffer.from(xorb.body);
      damaged[i]! ^= 0x01;
      expect(verifies(damaged, xorb.hash), `byte ${i}`).toThrow(XetFormatError);
    }
  });

  it('refuses another hash, and says which one it found', () => {
    const body = serialized({ content: Buffer.from('hullo'), scheme: 0 });
    expect(verifies(body)).toThrow(/^The uploaded xorb has the hash [0-9a-f]{64}, not 9076ba12/);
  });

  it('refuses chunks in another order', () => {
    const one = { content: HELLO, scheme: 0 } as const;
    const two = { content: TEXT, scheme: 0 } as const;
    expect(verifies(xorbOf([two, one]).body, xorbOf([one, two]).hash)).toThrow(/has the hash/);
  });

  it.for([
    ['an empty body', Buffer.alloc(0), /at least one chunk/],
    ['a footer alone', Buffer.from('XETBLOB\x01'), /at least one chunk/],
    ['an unknown version', chunk({ version: 1, storedBytes: 5, lengthBytes: 5 }), /unknown version 1/],
    [
      'an unknown scheme',
      chunk({ storedBytes: 5, scheme: 3, lengthBytes: 5 }),
      /unknown compression scheme 3/,
    ],
    [
      'no content',
      chunk({ storedBytes: 5, scheme: 1, lengthBytes: 0 }),
      /1 to 131072 uncompressed bytes, not 0/,
    ],
    ['too much content', chunk({ storedBytes: 5, scheme: 1, lengthBytes: 131_073 }), /not 131073/],
    [
      'no stored bytes',
      chunk({ storedBytes: 0, scheme: 1, lengthBytes: 5 }),
      /1 to 262144 stored bytes, not 0/,
    ],
    ['too many stored bytes', chunk({ storedBytes: 262_145, scheme: 1, lengthBytes: 5 }), /not 262145/],
    ['two lengths of a stored chunk', chunk({ storedBytes: 6, lengthBytes: 5 }), /6 stored bytes for 5/],
    [
      'a half header',
      Buffer.concat([chunk({ storedBytes: 5, lengthBytes: 5 }), Buffer.alloc(7)]),
      /^Chunk 1 of the xorb: Its header ends/,
    ],
    [
      'missing bytes',
      chunk({ storedBytes: 9, lengthBytes: 9, stored: Buffer.alloc(4) }),
      /4 of 9 stored bytes/,
    ],
    ['no LZ4 frame', chunk({ storedBytes: 30, scheme: 1, lengthBytes: 5 }), /not an LZ4 frame/],
    [
      'a frame with too little',
      serialized({ content: TEXT, scheme: 1, frame: compressFrameSync(HELLO) }),
      /says 1100 uncompressed bytes, its LZ4 frame has 5/,
    ],
    [
      'a frame with too much',
      serialized({ content: HELLO, scheme: 1, frame: compressFrameSync(TEXT) }),
      /at most 5 bytes fit/,
    ],
    [
      'a grouped frame with too much',
      serialized({ content: HELLO, scheme: 2, frame: compressFrameSync(TEXT) }),
      /at most 5 bytes fit/,
    ],
    [
      'a bomb',
      serialized({
        content: Buffer.alloc(131_072),
        scheme: 1,
        frame: compressFrameSync(Buffer.alloc(20_000_000)),
      }),
      /at most 131072 bytes fit/,
    ],
  ] as const)('refuses %s', ([, body, message]) => {
    expect(verifies(body)).toThrow(BadRequest);
    expect(verifies(body)).toThrow(message);
  });
});

describe('decodeChunk', () => {
  it('writes no byte more than the chunk has', () => {
    const target = Buffer.alloc(TEXT.length + 50, 0xaa);
    for (const scheme of [0, 1, 2] as const) {
      target.fill(0xaa);
      decodeChunk(serialized({ content: TEXT, scheme }), 0, target);
      expect(target.subarray(0, TEXT.length).equals(TEXT)).toBe(true);
      expect(target.subarray(TEXT.length).every((byte) => byte === 0xaa)).toBe(true);
    }
  });

  it('refuses a target that is too short and an offset without a chunk', () => {
    const body = serialized({ content: HELLO, scheme: 0 });
    expect(() => decodeChunk(body, 0, Buffer.alloc(4))).toThrow(RangeError);
    expect(() => decodeChunk(body, body.length, Buffer.alloc(10))).toThrow(XetFormatError);
    expect(() => decodeChunk(body, -1, Buffer.alloc(10))).toThrow(XetFormatError);
  });
});

describe('chunkHeader', () => {
  it('makes a chunk of any bytes', () => {
    const body = Buffer.concat([chunkHeader(5), HELLO]);
    expect(verifyXorb(body, HELLO_HASH).serializedBytes).toBe(13);
    expect(chunkHeader(131_072).toString('hex')).toBe('0000000200000002');
  });

  it.for([0, -1, 131_073, Number.NaN])('refuses the length %d', (lengthBytes) => {
    expect(() => chunkHeader(lengthBytes)).toThrow(RangeError);
  });
});
