import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { readBody } from './request-body.ts';

const LIMITS = { bodyBytes: 1000, idleMs: 10_000, waitMs: 10_000 };

async function read(stream: Readable, contentEncoding?: string, limits = LIMITS): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of readBody({ stream, contentEncoding }, limits)) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

async function whole(request: IncomingMessage): Promise<void> {
  while (!request.complete) await new Promise((resolve) => setImmediate(resolve));
}

const streamOf = (...chunks: readonly Buffer[]): Readable => Readable.from(chunks);

describe('a request body', () => {
  it('comes as it is, or from gzip', async () => {
    expect(await read(streamOf(Buffer.from('a'), Buffer.from('b')))).toBe('ab');
    expect(await read(streamOf(gzipSync('hello')), 'gzip')).toBe('hello');
    expect(await read(streamOf(Buffer.from('x')), 'Identity')).toBe('x');
  });

  it.each([
    ['', undefined],
    ['hello', undefined],
    ['hello', 'gzip'],
    ['x'.repeat(1000), undefined],
  ])('that has arrived already is read at once: %j, %s', async (text, encoding) => {
    const body = encoding === 'gzip' ? gzipSync(text) : Buffer.from(text);
    const server = createServer((request, response) => {
      void whole(request)
        .then(() => read(request, encoding))
        .then((got) => response.end(got));
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const ask = () => fetch(`http://127.0.0.1:${port}`, { method: 'POST', body });
    // The second one comes over the same connection.
    for (const answer of [await ask(), await ask()]) expect(await answer.text()).toBe(text);
    server.closeAllConnections();
    server.close();
  });

  it.each([
    ['another encoding', [Buffer.from('x')], 'br', 'BadRequest', /Content-Encoding/],
    ['no gzip', [Buffer.from('hello')], 'gzip', 'BadRequest', /not valid gzip/],
    ['half a gzip', [gzipSync('hello').subarray(0, 12)], 'gzip', 'BadRequest', /not valid gzip/],
    ['too many bytes', [Buffer.alloc(600), Buffer.alloc(600)], undefined, 'PayloadTooLarge', /1000 bytes/],
    ['a gzip bomb', [gzipSync(Buffer.alloc(10_000_000))], 'gzip', 'PayloadTooLarge', /1000 bytes/],
  ])('is refused: %s', async (_, chunks, encoding, code, message) => {
    const work = read(streamOf(...chunks), encoding);
    await expect(work).rejects.toMatchObject({ code, message: expect.stringMatching(message) });
  });

  it('leaves the stream open when it is refused, so that an answer can be sent', async () => {
    const stream = streamOf(Buffer.alloc(600), Buffer.alloc(600), Buffer.alloc(600));
    await expect(read(stream)).rejects.toMatchObject({ code: 'PayloadTooLarge' });
    expect(stream.destroyed).toBe(false);
  });

  it('is refused when nothing arrives, in gzip too', async () => {
    const silent = new Readable({ read() {} });
    await expect(read(silent, undefined, { ...LIMITS, idleMs: 1 })).rejects.toMatchObject({
      code: 'BadRequest',
    });
    const silentGzip = new Readable({ read() {} });
    silentGzip.push(gzipSync('hello').subarray(0, 12));
    await expect(read(silentGzip, 'gzip', { ...LIMITS, waitMs: 1 })).rejects.toMatchObject({
      code: 'BadRequest',
    });
  });

  it('is refused when the client goes away', async () => {
    const stream = new Readable({ read() {} });
    const work = read(stream);
    stream.destroy(Object.assign(new Error('aborted'), { code: 'ECONNRESET' }));
    await expect(work).rejects.toMatchObject({
      code: 'BadRequest',
      message: expect.stringMatching(/closed/),
    });
  });
});
