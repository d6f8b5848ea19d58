import { once } from 'node:events';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { buildApp } from '../../src/server/app.ts';
import { apiUrl, fileLine, HEADER, ndjson } from '../support/content.ts';
import { openTestHub } from '../support/test-hub.ts';
import { World } from '../support/world.ts';

describe('a commit over a socket', () => {
  it('a small hub bounds bodies, gzip and waiting, and still answers a client that keeps sending', async () => {
    const test = await openTestHub({
      MAX_COMMIT_BODY_BYTES: '1MiB',
      MAX_REGULAR_FILE_BYTES: '1MiB',
      LFS_THRESHOLD_BYTES: '1000',
      REQUEST_TIMEOUT_MS: '1000',
    });
    const app = await buildApp(test.hub);
    try {
      await app.listen({ port: 0, host: '127.0.0.1' });
      const world = new World(test.hub);
      const owner = await world.user();
      const repo = await world.repo(owner);
      const { port } = app.server.address() as AddressInfo;
      const send = (chunks: Iterable<Buffer>, headers: Record<string, string> = {}): Promise<Answer> =>
        post(
          { port, path: `${apiUrl(repo)}/commit/main`, headers: { ...owner.headers, ...headers } },
          chunks,
        );

      const endless = await send(repeat(Buffer.from(ndjson([HEADER])), Buffer.alloc(65_536, 0x20), 1000));
      expect([endless.status, endless.body]).toEqual([
        413,
        expect.stringContaining('larger than 1048576 bytes'),
      ]);

      const bomb = gzipSync(Buffer.concat([Buffer.from(ndjson([HEADER])), Buffer.alloc(50_000_000, 0x20)]));
      expect((await send([bomb], { 'content-encoding': 'gzip' })).status).toBe(413);

      const early = await send(repeat(Buffer.from('nonsense\n'), Buffer.alloc(65_536), 1000));
      expect([early.status, early.body]).toEqual([400, expect.stringContaining('Line 1')]);

      const anonymous = await send(repeat(Buffer.from(ndjson([HEADER])), Buffer.alloc(65_536), 1000), {
        authorization: '',
      });
      expect(anonymous.status).toBe(401);

      const silent = await post(
        { port, path: `${apiUrl(repo)}/commit/main`, headers: owner.headers, staysOpen: true },
        [Buffer.from(ndjson([HEADER, fileLine('a')]))],
      );
      expect([silent.status, silent.body]).toEqual([400, expect.stringContaining('too slowly')]);
      expect((await send([Buffer.from(ndjson([HEADER, fileLine('a')]))])).status).toBe(200);
    } finally {
      app.server.closeAllConnections();
      await app.close();
      await test.close();
    }
  });
});

interface Answer {
  readonly status: number;
  readonly body: string;
}

interface Target {
  readonly port: number;
  readonly path: string;
  readonly headers: Record<string, string>;
  /** The client never says that its body is complete. */
  readonly staysOpen?: boolean;
}

/**
 * Sends the whole body before it looks at the answer, as the HTTP clients of Python do, unless the body never ends. (Node's own
 * client stops sending when an answer comes early.)
 */
async function post(
  { port, path, headers, staysOpen = false }: Target,
  chunks: Iterable<Buffer>,
): Promise<Answer> {
  const socket = connect(port, '127.0.0.1');
  const lines = Object.entries({ host: 'hub.test', 'content-type': 'application/x-ndjson', ...headers });
  const head = lines.map(([name, value]) => `${name}: ${value}\r\n`).join('');
  socket.write(`POST ${path} HTTP/1.1\r\n${head}transfer-encoding: chunked\r\n\r\n`);
  for (const chunk of chunks) {
    const framed = Buffer.concat([
      Buffer.from(`${chunk.length.toString(16)}\r\n`),
      chunk,
      Buffer.from('\r\n'),
    ]);
    if (!socket.write(framed)) await once(socket, 'drain');
  }
  if (!staysOpen) socket.write('0\r\n\r\n');
  const answer = await firstAnswer(socket);
  socket.destroy();
  return answer;
}

async function firstAnswer(socket: Socket): Promise<Answer> {
  let text = '';
  for await (const part of socket) {
    text += String(part);
    const [head = '', body] = text.split('\r\n\r\n');
    const length = Number(/^content-length: (\d+)$/im.exec(head)?.[1]);
    if (body !== undefined && body.length >= length) return { status: Number(head.slice(9, 12)), body };
  }
  throw new Error(`the connection closed after: ${text}`);
}

function* repeat(first: Buffer, chunk: Buffer, times: number): Generator<Buffer> {
  yield first;
  for (let count = 0; count < times; count++) yield chunk;
}
