import { randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { describe, expect, test } from 'vitest';
import { deflateEntry } from '../../git/pack-entry.ts';
import { CorruptPack } from '../../git/pack-reader.ts';
import { inflateBlob } from './blob-stream.ts';

const CONTENT = Buffer.concat([randomBytes(700_000), Buffer.alloc(1_500_000, 'abc')]);
const WHOLE = { offsetBytes: 0, lengthBytes: CONTENT.length };

function packed(content = CONTENT, type: 'blob' | 'tree' = 'blob'): Buffer {
  const { header, body } = deflateEntry(type, content);
  return Buffer.concat([header, body]);
}

/** The bytes in chunks of the given size. */
function chunked(bytes: Buffer, chunkBytes: number): Readable {
  const count = Math.ceil(bytes.length / chunkBytes);
  return Readable.from(
    Array.from({ length: count }, (_, index) => bytes.subarray(index * chunkBytes, (index + 1) * chunkBytes)),
  );
}

describe('inflateBlob', () => {
  test.each([
    ['all of it', 0, CONTENT.length],
    ['its beginning', 0, 10],
    ['its middle', 650_000, 400_001],
    ['its end', CONTENT.length - 3, 3],
  ])('gives %s', async (_name, offsetBytes, lengthBytes) => {
    const body = inflateBlob(chunked(packed(), 60_000), CONTENT.length, { offsetBytes, lengthBytes });
    const wanted = CONTENT.subarray(offsetBytes, offsetBytes + lengthBytes);
    expect((await buffer(body)).equals(wanted)).toBe(true);
  });

  test('reads a header that arrives byte by byte', async () => {
    const content = Buffer.alloc(5000, 'x');
    const body = inflateBlob(chunked(packed(content), 1), content.length, {
      offsetBytes: 0,
      lengthBytes: 5000,
    });
    expect((await buffer(body)).equals(content)).toBe(true);
  });

  test.each([
    ['another size', () => packed(Buffer.alloc(CONTENT.length - 1))],
    ['another type', () => packed(CONTENT, 'tree')],
    ['nothing', () => Buffer.alloc(0)],
    ['no header', () => Buffer.alloc(20, 0xff)],
    ['a cut entry', () => packed().subarray(0, 500_000)],
    ['more content than announced', () => bomb()],
  ])('fails for %s', async (_name, entry) => {
    await expect(buffer(inflateBlob(chunked(entry(), 10_000), CONTENT.length, WHOLE))).rejects.toThrow(Error);
  });

  test('closes its source when the reader goes away', async () => {
    const source = chunked(packed(), 1000);
    const body = inflateBlob(source, CONTENT.length, WHOLE);
    for await (const chunk of body) {
      expect(chunk).toBeInstanceOf(Buffer);
      break;
    }
    await expect.poll(() => source.destroyed).toBe(true);
  });

  test('says what is wrong with a packed object', async () => {
    const body = inflateBlob(chunked(packed(CONTENT, 'tree'), 1000), CONTENT.length, WHOLE);
    await expect(buffer(body)).rejects.toThrow(CorruptPack);
  });
});

/** The header of the content before a larger one. */
function bomb(): Buffer {
  const { header } = deflateEntry('blob', CONTENT);
  const { body } = deflateEntry('blob', Buffer.alloc(CONTENT.length * 2));
  return Buffer.concat([header, body]);
}
