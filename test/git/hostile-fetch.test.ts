import { once } from 'node:events';
import { readdir, readFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect } from 'vitest';
import type { RepoRef } from '../../src/domain/repo/repo-ref.ts';
import { DELIM_PKT, encodePkt, FLUSH_PKT } from '../../src/git/pkt-line.ts';
import { type GitWorld, it } from './git-hub.ts';

interface Asked {
  readonly body: Buffer | string;
  readonly version?: 0 | 1 | 2;
  readonly headers?: Readonly<Record<string, string>>;
}

async function post(world: GitWorld, repo: RepoRef, { body, version = 2, headers = {} }: Asked) {
  const response = await fetch(`${world.remote(repo)}/git-upload-pack`, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-git-upload-pack-request',
      'git-protocol': `version=${version}`,
      ...headers,
    },
    body: new Uint8Array(Buffer.from(body)),
  });
  const bytes = Buffer.from(await response.arrayBuffer());
  return { status: response.status, type: response.headers.get('content-type'), bytes };
}

function lines(...texts: readonly string[]): Buffer {
  return Buffer.concat(texts.map((text) => encodePkt(`${text}\n`)));
}

function fetchOf(...args: readonly string[]): Buffer {
  return Buffer.concat([lines('command=fetch', 'object-format=sha1'), DELIM_PKT, lines(...args), FLUSH_PKT]);
}

/** Processes of git below the hub's runner. */
async function gitProcesses(world: GitWorld): Promise<string[]> {
  const runner = await world.hub.deps.git.runner.runnerPid();
  const found: string[] = [];
  for (const pid of (await readdir('/proc')).filter((name) => /^\d+$/.test(name))) {
    const line = await readFile(join('/proc', pid, 'stat'), 'utf8').catch(() => '');
    const [, command = '', state = '', parent = ''] = /^\d+ \((.*)\) (\S) (\d+)/.exec(line) ?? [];
    if (Number(parent) === runner && state !== 'Z') found.push(command);
  }
  return found;
}

describe('a request that is not of the protocol', () => {
  const bodies: Readonly<Record<string, Asked>> = {
    'a wrong length': { body: 'zzzz' },
    'a length of three': { body: '0003' },
    'a line cut off': { body: '0032want' },
    'plain text': { body: 'GET / HTTP/1.1\r\n\r\n' },
    'an unknown command': { body: Buffer.concat([lines('command=object-info'), FLUSH_PKT]) },
    'arguments without a command': { body: Buffer.concat([DELIM_PKT, lines('want x'), FLUSH_PKT]) },
    'another object format': {
      body: Buffer.concat([lines('command=ls-refs', 'object-format=sha256'), FLUSH_PKT]),
    },
    'a want that is no id': { body: fetchOf('want xyz', 'done') },
    'an argument that does not exist': { body: fetchOf('steal everything', 'done') },
    'a line of no conversation': { version: 0, body: Buffer.concat([lines('push it'), FLUSH_PKT]) },
    'a want without an id': { version: 0, body: Buffer.concat([lines('want '), FLUSH_PKT]) },
    'a mark of version 2': { version: 0, body: DELIM_PKT },
    'what is not gzip': { body: fetchOf('done'), headers: { 'content-encoding': 'gzip' } },
    'an unknown encoding': { body: fetchOf('done'), headers: { 'content-encoding': 'br' } },
  };

  it.for(Object.keys(bodies))('is refused: %s', async (name, { world }) => {
    const repo = await world.repo(await world.user());
    const answer = await post(world, repo, bodies[name]!);
    expect([name, answer.status, answer.type]).toEqual([name, 400, 'text/plain; charset=utf-8']);
    expect(answer.bytes.toString()).not.toContain(world.cacheDirectory);
  });

  it('is answered by an error line of git where an object is missing', async ({ world }) => {
    const repo = await world.repo(await world.user());
    const answer = await post(world, repo, { body: fetchOf(`want ${'ab'.repeat(20)}`, 'done') });
    expect([answer.status, answer.bytes.toString()]).toEqual([
      200,
      expect.stringMatching(/^[0-9a-f]{4}ERR /),
    ]);
  });

  it('is answered by an error line where it is the mistake of a user', async ({ world, client }) => {
    const repo = await world.repo(await world.user());
    for (const mistake of ['filter evil:1', 'deepen-not nowhere']) {
      const answer = await post(world, repo, { body: fetchOf(mistake, 'done') });
      const said = [answer.status, answer.bytes.toString()];
      expect(said).toEqual([200, expect.stringMatching(/^[0-9a-f]{4}ERR Git refuses the request: /)]);
      expect(said[1]).not.toContain(world.cacheDirectory);
    }
    const clone = await client.try('clone', '--shallow-exclude=nowhere', world.remote(repo), 'c');
    expect([clone.code, clone.stderr]).toEqual([128, expect.stringMatching(/remote error: .*nowhere/)]);
  });

  it.for([0, 1, 2] as const)('but a flush alone is the probe of version %d', async (version, { world }) => {
    const repo = await world.repo(await world.user());
    const answer = await post(world, repo, { body: FLUSH_PKT, version });
    expect([answer.status, answer.bytes.length]).toEqual([200, 0]);
  });

  it('takes gzip, and no bomb', async ({ world }) => {
    const repo = await world.repo(await world.user());
    const headers = { 'content-encoding': 'gzip' };
    const lsRefs = Buffer.concat([lines('command=ls-refs'), FLUSH_PKT]);
    const listed = await post(world, repo, { body: gzipSync(lsRefs), headers });
    expect(listed.bytes.toString()).toContain('refs/heads/main');
    const wants = Buffer.concat(
      Array.from({ length: 250_000 }, () => encodePkt(`want ${'ab'.repeat(20)}\n`)),
    );
    expect((await post(world, repo, { body: gzipSync(wants), headers })).status).toBe(413);
    const zeros = gzipSync(Buffer.alloc(200 * 2 ** 20));
    expect((await post(world, repo, { body: zeros, headers })).status).toBe(413);
  });

  it('ends a list of refs or wants that has no end', async ({ world }) => {
    const repo = await world.repo(await world.user());
    const { port, hostname } = new URL(world.url);
    const socket = connect(Number(port), hostname);
    const { pathname } = new URL(world.remote(repo));
    socket.write(
      `POST ${pathname}/git-upload-pack HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n`,
    );
    const line = encodePkt(`want ${'ab'.repeat(20)}\n`);
    const chunk = Buffer.concat(Array.from({ length: 1000 }, () => line));
    const framed = Buffer.concat([
      Buffer.from(`${chunk.length.toString(16)}\r\n`),
      chunk,
      Buffer.from('\r\n'),
    ]);
    const answered = once(socket, 'data') as Promise<[Buffer]>;
    for (let sent = 0; socket.bytesRead === 0 && sent < 100 * 2 ** 20; sent += framed.length)
      if (!socket.write(framed)) await Promise.race([once(socket, 'drain'), answered]);
    expect((await answered)[0].toString()).toMatch(/^HTTP\/1.1 413 /);
    socket.destroy();
  });
});

it('refuses the dumb protocol', async ({ world }) => {
  const repo = await world.repo(await world.user());
  const dumb = await fetch(`${world.remote(repo)}/info/refs`);
  expect([dumb.status, await dumb.text()]).toEqual([400, expect.stringContaining('smart HTTP')]);
  const head = await fetch(`${world.remote(repo)}.git/HEAD`);
  expect([head.status, await head.text()]).toEqual([200, 'ref: refs/heads/main\n']);
});

describe('git processes', () => {
  it('end when the client goes away', async ({ world, client }) => {
    const owner = await world.user();
    const repo = await world.repo(owner);
    const files = Array.from({ length: 12 }, (_, index) => [
      `f${index}.bin`,
      crypto.getRandomValues(Buffer.alloc(65_536)),
    ]);
    const contents = Object.fromEntries(
      files.map(([name, bytes]) => [name, Buffer.concat(Array(40).fill(bytes))]),
    );
    const head = await world.commit(owner, repo, contents);
    await client.git('clone', '-q', world.remote(repo), 'c');
    const { port, hostname } = new URL(world.url);
    const body = fetchOf(`want ${head}`, 'done');
    const sockets = await Promise.all(
      Array.from({ length: 3 }, async () => {
        const socket = connect(Number(port), hostname);
        socket.write(
          `POST ${new URL(world.remote(repo)).pathname}/git-upload-pack HTTP/1.1\r\nhost: x\r\ngit-protocol: version=2\r\ncontent-length: ${body.length}\r\n\r\n`,
        );
        socket.write(body);
        await once(socket, 'readable');
        return socket;
      }),
    );
    for (const socket of sockets) socket.destroy();
    await expect.poll(() => world.hub.deps.git.runner.runningCount, { timeout: 10_000 }).toBe(0);
    await expect.poll(() => gitProcesses(world), { timeout: 10_000 }).toEqual([]);
    await expect.poll(() => readdir(join(world.cacheDirectory, 'views')), { timeout: 10_000 }).toEqual([]);
    await client.git('clone', '-q', world.remote(repo), 'again');
    expect(await client.check('again')).toEqual({ fsck: '', head });
  });

  it('are started again when their runner dies', async ({ world, client }) => {
    const repo = await world.repo(await world.user());
    await client.git('clone', '-q', world.remote(repo), 'before');
    const pid = (await world.hub.deps.git.runner.runnerPid())!;
    process.kill(pid, 'SIGKILL');
    await expect.poll(() => world.hub.deps.git.runner.runnerPid(), { timeout: 10_000 }).toBeNull();
    await client.git('clone', '-q', world.remote(repo), 'after');
    expect((await client.check('after')).fsck).toBe('');
  });

  it('wait for their turn when many come at once', async ({ world, client }) => {
    const repo = await world.repo(await world.user());
    const names = Array.from({ length: 12 }, (_, index) => `c${index}`);
    await Promise.all(names.map((name) => client.git('clone', '-q', world.remote(repo), name)));
    expect(world.hub.deps.git.runner.runningCount).toBe(0);
  });

  it('have no settings of the machine and no secrets of the hub', async ({ world }) => {
    const chunks: Buffer[] = [];
    const { runner } = world.hub.deps.git;
    const command = { args: ['config', '--list', '--show-origin'], signal: AbortSignal.timeout(10_000) };
    for await (const chunk of runner.run(command)) chunks.push(chunk);
    expect(Buffer.concat(chunks).toString()).toBe('');
    const environment = await readFile(`/proc/${await runner.runnerPid()}/environ`, 'utf8');
    expect(
      environment
        .split('\0')
        .filter(Boolean)
        .map((entry) => entry.split('=', 1)[0]),
    ).not.toContain('HOME');
  });
});
