import { gzipSync } from 'node:zlib';
import { describe, expect } from 'vitest';
import { MAX_XORB_BODY_BYTES } from '../../src/xet/xorb.ts';
import { writeLz4Frame } from '../fuzz/lz4-writer.ts';
import { fileOf, groupBytes, shardOf } from '../fuzz/xet-samples.ts';
import { chunkOf, headOf, RawConnection } from '../support/raw-http.ts';
import {
  flipped,
  forgedChunk,
  lz4Bomb,
  lz4Chunk,
  lz4MatchAt,
  lz4WithDescriptor,
  lz4WithDictionary,
  slowLz4,
  xorbHashOf,
} from '../support/xet-forge.ts';
import { casRequest, it, messageOf, type Refusal, xorbRequest } from '../support/xet-hostile.ts';
import { xorbFrom } from '../support/xet-pack.ts';

const MAX_CHUNK_BYTES = 131_072;

const text = Buffer.from('A chunk that repeats itself, repeats itself and repeats itself. '.repeat(20));
const other = Buffer.from('Another chunk. '.repeat(50));
const honest = xorbFrom([text, other]);
const frame = writeLz4Frame(text);

/** A xorb whose bytes are not what they should be; its hash is that of the two honest chunks, unless said otherwise. */
function xorb(what: string, body: () => Buffer, says: RegExp, hash = honest.hash): Refusal {
  return { what, status: 400, says, request: (scene) => xorbRequest(scene, { hash, body: body() }) };
}

/** A xorb of one chunk that should have been `text`. */
function chunk(what: string, body: () => Buffer, says: RegExp): Refusal {
  return xorb(what, body, says, xorbHashOf(text));
}

/** The honest xorb under another address. */
function address(what: string, path: string, status: number, says: RegExp): Refusal {
  return {
    what,
    status,
    says,
    request: (scene) => casRequest(scene, 'POST', path, { body: honest.body }),
  };
}

/** The honest xorb, framed by these headers. */
function framing(what: string, headers: readonly string[], status: number, says: RegExp): Refusal {
  return { what, status, says, request: (scene) => xorbRequest(scene, honest, headers) };
}

const headers: readonly Refusal[] = [
  xorb('no bytes', () => Buffer.alloc(0), /at least one chunk/),
  xorb('a footer and no chunks', () => Buffer.from('XETBLOB\u0001'.padEnd(96)), /at least one chunk/),
  xorb('a part of a header', () => honest.body.subarray(0, 5), /Chunk 0 .* header ends too early/),
  xorb('the end missing', () => honest.body.subarray(0, -1), /Chunk 1 .* ends too early/),
  xorb(
    'a part of the second header',
    () => honest.body.subarray(0, text.length + 12),
    /Chunk 1 .* too early/,
  ),
  xorb('an unknown version', () => flipped(honest.body, 0), /Chunk 0 .* unknown version 1\b/),
  xorb('an unknown scheme', () => flipped(honest.body, 4, 3), /Chunk 0 .* unknown compression scheme 3/),
  chunk(
    'a chunk of no bytes',
    () => forgedChunk({ stored: text, lengthBytes: 0 }),
    /1 to 131072 uncompressed/,
  ),
  chunk('no stored bytes', () => forgedChunk({ stored: text, storedBytes: 0 }), /1 to 262144 stored/),
  xorb(
    'a chunk of 131073 bytes',
    () => forgedChunk({ stored: Buffer.alloc(MAX_CHUNK_BYTES + 1) }),
    /uncompressed bytes, not 131073/,
    xorbHashOf(Buffer.alloc(MAX_CHUNK_BYTES + 1)),
  ),
  chunk(
    'a chunk of 262145 stored bytes',
    () => lz4Chunk(Buffer.alloc(2 * MAX_CHUNK_BYTES + 1), text.length),
    /stored bytes, not 262145/,
  ),
  chunk(
    'a length that the stored bytes do not have',
    () => forgedChunk({ stored: text, lengthBytes: 9 }),
    /stored bytes for 9/,
  ),
  xorb(
    'a chunk more than allowed',
    () => Buffer.alloc(8193 * 9, forgedChunk({ stored: Buffer.from('a') })),
    /at most 8192 chunks/,
  ),
  xorb(
    'a byte more than 64 MiB, in 300 KB',
    () =>
      Buffer.concat([
        ...Array.from({ length: 512 }, () => lz4Chunk(lz4Bomb(MAX_CHUNK_BYTES), MAX_CHUNK_BYTES)),
        forgedChunk({ stored: Buffer.from('a') }),
      ]),
    /at most 67108864 bytes of uncompressed/,
  ),
];

const contents: readonly Refusal[] = [
  xorb('another xorb', () => xorbFrom([text]).body, /has the hash [0-9a-f]{64}, not/),
  xorb('the chunks in another order', () => xorbFrom([other, text]).body, /has the hash/),
  xorb('a chunk twice', () => xorbFrom([text, other, other]).body, /has the hash/),
  xorb('the chunks joined', () => forgedChunk({ stored: Buffer.concat([text, other]) }), /has the hash/),
  xorb('one flipped bit in the data', () => flipped(honest.body, -1, 0x80), /has the hash/),
  xorb('one flipped bit in a length', () => flipped(honest.body, 1), /Chunk 0 .* not compressed, but/),
  xorb(
    'garbage after the chunks',
    () => Buffer.concat([honest.body, Buffer.from('garbage')]),
    /Chunk 2 .* ends too early/,
  ),
  xorb('zeros after the chunks', () => Buffer.concat([honest.body, Buffer.alloc(64)]), /Chunk 2 .* not 0\b/),
  xorb(
    'half a footer tag',
    () => Buffer.concat([honest.body, Buffer.from('XETBLO')]),
    /Chunk 2 .* ends too early/,
  ),
  xorb(
    'a wrong footer tag',
    () => Buffer.concat([honest.body, Buffer.from('XETBLOC'.padEnd(100))]),
    /Chunk 2 .* unknown version 88/,
  ),
  xorb('the hash of the file instead', () => honest.body, /has the hash/, fileOf(honest).hash),
  xorb('a shard', () => shardOf({ files: [fileOf(honest)], xorbs: [honest] }), /unknown version 72/),
  xorb('gzip', () => gzipSync(honest.body), /unknown version 31/),
];

const compressed: readonly Refusal[] = [
  chunk('an LZ4 bomb', () => lz4Chunk(lz4Bomb(60_000_000), MAX_CHUNK_BYTES), /at most 131072 bytes fit/),
  chunk(
    'an LZ4 bomb behind a small promise',
    () => lz4Chunk(lz4Bomb(1_000_000), text.length),
    /at most 1280 bytes fit/,
  ),
  chunk(
    'a byte-grouping bomb',
    () => lz4Chunk(lz4Bomb(60_000_000), MAX_CHUNK_BYTES, 2),
    /at most 131072 bytes fit/,
  ),
  chunk(
    'grouped bytes that are too few',
    () => lz4Chunk(writeLz4Frame(groupBytes(text)), text.length + 1, 2),
    /frame has 1280/,
  ),
  chunk(
    'grouped bytes that are too many',
    () => lz4Chunk(writeLz4Frame(groupBytes(text)), text.length - 1, 2),
    /at most 1279 bytes fit/,
  ),
  chunk('bytes that are said to be grouped', () => lz4Chunk(frame, text.length, 2), /has the hash/),
  chunk(
    'bytes that are not said to be grouped',
    () => lz4Chunk(writeLz4Frame(groupBytes(text)), text.length),
    /has the hash/,
  ),
  chunk('LZ4 that is not said to be', () => forgedChunk({ stored: frame }), /has the hash/),
  chunk(
    'LZ4 that is too short',
    () => lz4Chunk(frame, text.length + 1),
    /says 1281 uncompressed bytes, its LZ4 frame has 1280/,
  ),
  chunk('no LZ4', () => lz4Chunk(text, text.length), /not an LZ4 frame/),
  chunk(
    'a skippable frame',
    () => lz4Chunk(Buffer.from('502a4d1804000000aaaaaaaa', 'hex'), text.length),
    /not an LZ4 frame/,
  ),
  chunk('a dictionary', () => lz4Chunk(lz4WithDictionary(text), text.length), /dictionary are not accepted/),
  chunk(
    'a frame version',
    () => lz4Chunk(lz4WithDescriptor(text, 0b1010_0000, 0x40), text.length),
    /unknown version or reserved/,
  ),
  chunk(
    'a reserved bit',
    () => lz4Chunk(lz4WithDescriptor(text, 0b0110_0010, 0x40), text.length),
    /unknown version or reserved/,
  ),
  chunk(
    'a block size code',
    () => lz4Chunk(lz4WithDescriptor(text, 0b0110_0000, 0x30), text.length),
    /unknown block size code 3/,
  ),
  chunk(
    'a wrong header checksum',
    () => lz4Chunk(flipped(frame, 6), text.length),
    /header checksum .* is wrong/,
  ),
  chunk(
    'a wrong block checksum',
    () => lz4Chunk(flipped(writeLz4Frame(text, { blockChecksums: true }), -5), text.length),
    /block checksum .* is wrong/,
  ),
  chunk(
    'a wrong content checksum',
    () => lz4Chunk(flipped(writeLz4Frame(text, { contentChecksum: true }), -1), text.length),
    /content checksum .* is wrong/,
  ),
  chunk(
    'a lie about the content size',
    () => lz4Chunk(writeLz4Frame(text, { contentSize: true }), text.length - 1),
    /at most 1279 bytes fit/,
  ),
  chunk(
    'bytes after the frame',
    () => lz4Chunk(Buffer.concat([frame, Buffer.alloc(3)]), text.length),
    /bytes after the end of the LZ4 frame/,
  ),
  chunk(
    'a second frame',
    () => lz4Chunk(Buffer.concat([frame, frame]), text.length),
    /bytes after the end of the LZ4 frame/,
  ),
  chunk('no end mark', () => lz4Chunk(frame.subarray(0, -4), text.length), /LZ4 frame ends too early/),
  chunk(
    'a block that is longer than the frame',
    () => lz4Chunk(flipped(frame, 8, 0x10), text.length),
    /LZ4 frame ends too early/,
  ),
  chunk(
    'a block that is larger than allowed',
    () => lz4Chunk(flipped(frame, 9, 0x7f), text.length),
    /larger than its header allows/,
  ),
  chunk('a match before the start', () => lz4Chunk(lz4MatchAt(2), text.length), /block .* is damaged/),
  chunk('a match of distance 0', () => lz4Chunk(lz4MatchAt(0), text.length), /block .* is damaged/),
  chunk('a flipped bit in a block', () => lz4Chunk(flipped(frame, 20), text.length), /has the hash/),
];

const addresses: readonly Refusal[] = [
  address('a hash in upper case', `/v1/xorbs/default/${honest.hash.toUpperCase()}`, 400, /64 lower-case/),
  address('a short hash', `/v1/xorbs/default/${honest.hash.slice(1)}`, 400, /64 lower-case/),
  address('a long hash', `/v1/xorbs/default/${honest.hash}0`, 400, /64 lower-case/),
  address('a path as a hash', '/v1/xorbs/default/..%2f..%2fetc%2fpasswd', 400, /64 lower-case/),
  address('a null byte in the hash', `/v1/xorbs/default/${honest.hash.slice(2)}%00`, 400, /64 lower-case/),
  address('the hash of nothing', `/v1/xorbs/default/${'0'.repeat(64)}`, 400, /has the hash/),
  address('no prefix', `/v1/xorbs/${honest.hash}`, 404, /nothing at this address/),
  address('an empty prefix of several parts', `/v1/xorbs/a/b/${honest.hash}`, 404, /nothing at this address/),
  address('a version that is not there', `/v3/xorbs/default/${honest.hash}`, 404, /nothing at this address/),
  {
    what: 'PUT',
    status: 404,
    says: /nothing at this address/,
    request: (scene) => casRequest(scene, 'PUT', `/v1/xorbs/default/${honest.hash}`, { body: honest.body }),
  },
];

const framings: readonly Refusal[] = [
  framing(
    'a length beyond the limit',
    [`content-length: ${MAX_XORB_BODY_BYTES + 1}`],
    413,
    /at most \d+ bytes, not/,
  ),
  framing('a length beyond any memory', ['content-length: 999999999999999'], 413, /at most/),
  framing(
    'a length shorter than the body',
    [`content-length: ${honest.body.length - 1}`],
    400,
    /ends too early|not a valid HTTP request/,
  ),
  framing(
    'a length longer than the body',
    [`content-length: ${honest.body.length + 1}`],
    400,
    /arrives too slowly/,
  ),
  {
    what: 'gzip that says so',
    status: 400,
    says: /Content-Encoding must be identity/,
    request: (scene) =>
      xorbRequest(scene, { ...honest, body: gzipSync(honest.body) }, ['content-encoding: gzip']),
  },
  {
    what: 'no length, in chunks',
    status: 400,
    says: /Content-Length/,
    request: (scene) => ({
      ...xorbRequest(scene, honest, ['transfer-encoding: chunked']),
      body: Buffer.concat([chunkOf(honest.body), chunkOf('')]),
    }),
  },
  {
    what: 'no length and no body',
    status: 400,
    says: /Content-Length/,
    request: (scene) => casRequest(scene, 'POST', `/v1/xorbs/default/${honest.hash}`),
  },
  {
    what: 'more than the quota',
    status: 413,
    says: /no room for these \d+ bytes/,
    request: async (_, hostile) => {
      const owner = await hostile.user();
      const repo = await hostile.repo(owner);
      await hostile.hub.deps.sql.execute({
        text: 'update account set public_quota_bytes = 10 where name = $1',
        values: [owner.name],
      });
      return xorbRequest({ to: await hostile.connect(owner, repo) }, honest);
    },
  },
];

describe('a xorb is refused', () => {
  const rows = [...headers, ...contents, ...compressed, ...addresses, ...framings];
  it.for(rows)('$what', async (row, { hostile, scene }) => {
    expect(await hostile.flaws(row, scene)).toEqual([]);
  });

  it('that ends with its connection', async ({ hostile, scene }) => {
    const before = await hostile.kept();
    const request = xorbRequest(scene, honest, [`content-length: ${honest.body.length + 1}`]);
    const connection = await RawConnection.open(hostile.port);
    await connection.write(headOf(request));
    await connection.write(honest.body);
    connection.close();
    await expect.poll(() => hostile.kept()).toEqual(before);
  });

  it('whatever is wrong with it, and is taken when nothing is', async ({ hostile, scene }) => {
    const answer = await hostile.send(xorbRequest(scene, honest));
    expect([answer.status, answer.body]).toEqual([200, '{"was_inserted":true}']);
  });
});

/** Everything about it is slow, and only its hash is wrong. */
function slowest(): Buffer {
  const { content, frame: slow } = slowLz4(MAX_CHUNK_BYTES);
  return Buffer.concat(Array.from({ length: 512 }, () => lz4Chunk(slow, content.length, 2)));
}

describe('while a xorb of full size is verified', () => {
  it('other requests are answered', async ({ hostile, scene }) => {
    const before = await hostile.kept();
    const request = xorbRequest(scene, { hash: honest.hash, body: slowest() });
    const order: string[] = [];
    const connection = await RawConnection.open(hostile.port);
    await connection.write(headOf(request));
    await connection.write(request.body!);
    const verified = connection.answer().then((answer) => {
      order.push('xorb');
      return answer;
    });
    const health = hostile.send({ target: '/health' }).then(({ status }) => order.push(`health ${status}`));
    const answer = await verified;
    await health;
    expect([answer.status, messageOf(answer)]).toEqual([
      400,
      expect.stringMatching(/has the hash/) as string,
    ]);
    expect(order).toEqual(['health 200', 'xorb']);
    expect(await hostile.kept()).toEqual(before);
  });
});
