import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { fstatSync, openSync, readFileSync } from 'node:fs';
import { mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import type { Server } from 'node:http';
import { createServer, get, IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FileStream } from './file-stream.ts';
import { TransferBuffers } from './transfer-buffers.ts';

const BYTES = randomBytes(5_000_003);

async function bytesOf(answer: AsyncIterable<Buffer>): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of answer) chunks.push(chunk);
  return Buffer.concat(chunks);
}

describe('FileStream', () => {
  let directory: string;
  let path: string;
  let buffers: TransferBuffers;
  let servers: Server[];

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'file-stream-'));
    path = join(directory, 'file');
    await writeFile(path, BYTES);
    buffers = new TransferBuffers();
    servers = [];
  });
  afterEach(async () => {
    for (const server of servers) server.closeAllConnections();
    await rm(directory, { recursive: true });
  });

  async function stream(offsetBytes = 0, lengthBytes = BYTES.length): Promise<FileStream> {
    return new FileStream(openSync(path, 'r'), { offsetBytes, lengthBytes }, buffers);
  }

  /** Serves whatever `make` opens, and asks for it `count` times at once. */
  async function requests(count: number, make: () => Promise<FileStream>): Promise<IncomingMessage[]> {
    const server = createServer((_, response) => void make().then((body) => body.pipe(response)));
    servers.push(server.listen(0, '127.0.0.1'));
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const answers = Array.from({ length: count }, async () => {
      const [answer] = await once(get({ port, host: '127.0.0.1', agent: false }), 'response');
      return answer as IncomingMessage;
    });
    return Promise.all(answers);
  }

  it('sends a span to a response', async () => {
    const [answer] = await requests(1, () => stream(3, 4_000_000));
    expect((await bytesOf(answer as IncomingMessage)).equals(BYTES.subarray(3, 4_000_003))).toBe(true);
  });

  it('sends right bytes to many readers of different speed at once', async () => {
    const answers = await requests(80, () => stream());
    const received = await Promise.all(
      answers.map(async (answer, n) => {
        if (n % 2 === 0) return bytesOf(answer);
        const slow = new PassThrough({ highWaterMark: 1 + n * 100 });
        const [bytes] = await Promise.all([bytesOf(slow), pipeline(answer, slow)]);
        return bytes;
      }),
    );
    expect(received.every((bytes) => bytes.equals(BYTES))).toBe(true);
  });

  it('closes its file when the reader goes away', async () => {
    const opened: FileStream[] = [];
    const [answer] = await requests(1, async () => {
      const body = await stream();
      opened.push(body);
      return body;
    });
    const [body] = opened as [FileStream];
    const closed = once(body, 'close');
    answer?.destroy();
    await closed;
    expect(body.destroyed).toBe(true);
  });

  it('breaks the answer off when the file is shorter than announced', async () => {
    await truncate(path, 3_000_000);
    const failures: unknown[] = [];
    const [answer] = await requests(1, async () => {
      const body = await stream();
      return body.on('error', (error) => {
        failures.push(error);
        servers[0]?.closeAllConnections();
      });
    });
    await expect(bytesOf(answer as IncomingMessage)).rejects.toThrow('aborted');
    expect(failures).toEqual([expect.objectContaining({ message: expect.stringContaining('shorter') })]);
  });

  it('reads one buffer ahead of a response that does not move, and lets go of both when it is closed', async () => {
    let lent = 0;
    class CountedBuffers extends TransferBuffers {
      override take(neededBytes: number): Buffer {
        lent += 1;
        return super.take(neededBytes);
      }
      override forget(buffer: Buffer): void {
        lent -= 1;
        super.forget(buffer);
      }
    }
    const span = { offsetBytes: 0, lengthBytes: BYTES.length };
    const stuck = new FileStream(openSync(path, 'r'), span, new CountedBuffers());
    stuck.pipe(new ServerResponse(new IncomingMessage(new Socket())));
    await bytesOf(await stream());
    expect(lent).toBe(2);
    stuck.destroy();
    await expect.poll(() => lent).toBe(0);
  });

  it('keeps what it gives to a transform', async () => {
    const kept = new PassThrough();
    const [bytes] = await Promise.all([bytesOf(kept), pipeline(await stream(), kept)]);
    expect(bytes.equals(BYTES)).toBe(true);
  });

  it('sends nothing of a span without bytes, and ends', async () => {
    const [answer] = await requests(1, () => stream(7, 0));
    expect(await bytesOf(answer as IncomingMessage)).toHaveLength(0);
  });

  it('closes a file that nobody read', async () => {
    const fd = openSync(path, 'r');
    const body = new FileStream(fd, { offsetBytes: 0, lengthBytes: 10 }, buffers);
    body.destroy();
    await once(body, 'close');
    expect(() => fstatSync(fd)).toThrow('EBADF');
  });

  it('closes a file that is being read when the read is over', async () => {
    const fd = openSync(path, 'r');
    const body = new FileStream(fd, { offsetBytes: 0, lengthBytes: BYTES.length }, buffers);
    body.pipe(new ServerResponse(new IncomingMessage(new Socket())));
    body.destroy();
    // Threads go on meanwhile, and one of them closes the file where nobody waits for the one that reads.
    for (let times = 0; times < 20; times++) readFileSync(path);
    expect(fstatSync(fd).size).toBe(BYTES.length);
    await once(body, 'close');
    expect(() => fstatSync(fd)).toThrow('EBADF');
  });
});
