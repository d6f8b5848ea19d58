import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { gzipSync } from 'node:zlib';
import { describe, expect } from 'vitest';
import { buildApp } from '../../src/server/app.ts';
import { apiUrl, fileLine, HEADER, it, lfsLine, ndjson, webUrl } from '../support/content.ts';
import { openTestHub } from '../support/test-hub.ts';
import { World } from '../support/world.ts';

const header = (value: Record<string, unknown>) => ({ key: 'header', value: { ...HEADER.value, ...value } });

describe('POST commit', () => {
  it('applies every kind of operation and answers with absolute URLs', async ({ content }) => {
    const owner = await content.user();
    const repo = await content.repo(owner);
    const object = content.object();
    await content.upload(owner, repo, object);
    await content.commitLines(
      owner,
      repo,
      fileLine('old/a'),
      fileLine('old/b'),
      fileLine('gone'),
      fileLine('kept', 'kept'),
    );
    const answer = await content.commitLines(
      owner,
      repo,
      fileLine('dir/a.txt', 'hello'),
      { key: 'file', value: { path: 'text', content: 'hé', encoding: 'utf-8' } },
      lfsLine('model.bin', object),
      { key: 'deletedFile', value: { path: 'gone' } },
      { key: 'deletedFolder', value: { path: 'old/' } },
      { key: 'copyFile', value: { path: 'copy', srcPath: 'kept', srcRevision: 'main' } },
    );
    expect([answer.statusCode, answer.body]).toEqual([200, expect.any(String)]);
    const { commitOid } = answer.json<{ commitOid: string }>();
    expect(commitOid).toMatch(/^[0-9a-f]{40}$/);
    expect(answer.json()).toEqual({
      success: true,
      commitOid,
      commitUrl: `http://hub.test${webUrl(repo)}/commit/${commitOid}`,
      hookOutput: '',
    });
    const tree = await content.read(owner, `${apiUrl(repo)}/tree/main?recursive=true`);
    expect(tree.json<{ path: string }[]>().map((item) => item.path)).toEqual([
      'dir',
      'dir/a.txt',
      '.gitattributes',
      'copy',
      'kept',
      'model.bin',
      'text',
    ]);
    expect((await content.read(owner, `${webUrl(repo)}/resolve/main/text`)).body).toBe('hé');
    expect((await content.read(owner, `${webUrl(repo)}/resolve/main/copy`)).body).toBe('kept');
    expect((await content.read(owner, `${webUrl(repo)}/resolve/main/model.bin`)).rawPayload).toEqual(
      object.bytes,
    );
  });

  it('takes datasets, spaces, JSON as media type, gzip, and any case of the name', async ({ content }) => {
    const owner = await content.user();
    for (const type of ['dataset', 'space'] as const) {
      const repo = await content.repo(owner, { type });
      const answer = await content.commitLines(owner, repo, fileLine('a'));
      expect(answer.json()).toMatchObject({
        commitUrl: expect.stringContaining(`http://hub.test/${type}s/`),
      });
    }
    const repo = await content.repo(owner);
    const zipped = gzipSync(ndjson([HEADER, fileLine('zipped')]));
    const asJson = await content.sendCommit(owner, repo, zipped, {
      headers: { 'content-type': 'application/json', 'content-encoding': 'gzip' },
    });
    expect([asJson.statusCode, asJson.body]).toEqual([200, expect.any(String)]);
    const shouted = await content.commitLines(
      owner,
      { ...repo, name: repo.name.toUpperCase() },
      fileLine('b'),
    );
    expect([shouted.statusCode, shouted.body]).toEqual([200, expect.any(String)]);
  });

  it('keeps an empty file under an LFS extension a regular one', async ({ content }) => {
    const owner = await content.user();
    const repo = await content.repo(owner);
    await content.commitLines(owner, repo, fileLine('empty.bin', ''));
    const info = await content.postJson(owner, `${apiUrl(repo)}/paths-info/main`, { paths: ['empty.bin'] });
    expect(info.json()).toEqual([expect.objectContaining({ size: 0, path: 'empty.bin' })]);
    expect(info.json<object[]>()[0]).not.toHaveProperty('lfs');
  });

  it('names the author, the title and the description in the history', async ({ content }) => {
    const owner = await content.user();
    const repo = await content.repo(owner);
    await content.sendCommit(
      owner,
      repo,
      ndjson([header({ summary: 'Title', description: 'Why' }), fileLine('a')]),
    );
    const commits = await content.read(owner, `${apiUrl(repo)}/commits/main`);
    expect(commits.json<object[]>()[0]).toMatchObject({
      title: 'Title',
      message: 'Why',
      authors: [{ user: owner.name }],
    });
  });

  it('opens a pull request for readers, and takes commits to it', async ({ content }) => {
    const owner = await content.user();
    const reader = await content.user();
    const repo = await content.repo(owner);
    const opened = await content.sendCommit(reader, repo, ndjson([HEADER, fileLine('proposal')]), {
      revision: 'main?create_pr=1',
    });
    expect([opened.statusCode, opened.body]).toEqual([200, expect.any(String)]);
    expect(opened.json()).toMatchObject({ pullRequestUrl: `http://hub.test${webUrl(repo)}/discussions/1` });
    for (const revision of ['refs%2Fpr%2F1', 'refs/pr/1']) {
      const pushed = await content.sendCommit(
        reader,
        repo,
        ndjson([HEADER, fileLine(`more-${revision.length}`)]),
        { revision },
      );
      expect([pushed.statusCode, pushed.body]).toEqual([200, expect.any(String)]);
    }
    expect((await content.read(null, `${webUrl(repo)}/resolve/refs/pr/1/proposal`)).statusCode).toBe(200);
    expect((await content.read(null, `${webUrl(repo)}/resolve/main/proposal`)).statusCode).toBe(404);
  });

  it('answers 412 for a stale parent', async ({ content }) => {
    const owner = await content.user();
    const repo = await content.repo(owner);
    const parentCommit = await content.headOf(owner, repo);
    const short = ndjson([header({ parentCommit: parentCommit.slice(0, 7) }), fileLine('a')]);
    expect((await content.sendCommit(owner, repo, short)).statusCode).toBe(200);
    const stale = await content.sendCommit(owner, repo, ndjson([header({ parentCommit }), fileLine('b')]));
    expect(stale.statusCode).toBe(412);
    expect(stale.json<{ error: string }>().error).toContain(
      'The branch was updated since you opened this page. Please refresh and try again.',
    );
  });

  it('holds 100 MB of regular files in one commit', async ({ content }) => {
    const owner = await content.user();
    const repo = await content.repo(owner);
    const nine = randomBytes(9 * 2 ** 20);
    const files = Array.from({ length: 12 }, (_, index) => {
      nine[0] = index;
      return fileLine(`part-${index}.dat`, nine);
    });
    const answer = await content.commitLines(owner, repo, ...files);
    expect([answer.statusCode, answer.body]).toEqual([200, expect.any(String)]);
  });
});

describe('a commit is refused, and leaves nothing behind:', () => {
  it('to anonymous callers, strangers and read tokens', async ({ content }) => {
    const owner = await content.user();
    const stranger = await content.user();
    const repo = await content.repo(owner);
    const hidden = await content.repo(owner, { isPrivate: true });
    const readOnly = await content.readToken(owner);
    expect((await content.commitLines(null, repo, fileLine('a'))).statusCode).toBe(401);
    expect((await content.commitLines(stranger, repo, fileLine('a'))).statusCode).toBe(403);
    expect((await content.commitLines(readOnly, repo, fileLine('a'))).statusCode).toBe(403);
    const secret = await content.commitLines(stranger, hidden, fileLine('a'));
    expect([secret.statusCode, secret.headers['x-error-code']]).toEqual([404, 'RepoNotFound']);
    expect(secret.headers['x-request-id']).toBeTruthy();
  });

  it('bad bodies', async ({ content }) => {
    const owner = await content.user();
    const repo = await content.repo(owner);
    const before = await content.headOf(owner, repo);
    const missing = content.object();
    const cases: [string, string, number, string][] = [
      ['empty', '', 400, 'BadRequest'],
      ['no header', ndjson([fileLine('a')]), 400, 'BadRequest'],
      ['broken JSON after a file', ndjson([HEADER, fileLine('a'), '{"key":']), 400, 'BadRequest'],
      [
        'an unknown operation',
        ndjson([HEADER, fileLine('a'), { key: 'move', value: {} }]),
        400,
        'BadRequest',
      ],
      [
        'no base64',
        ndjson([HEADER, { key: 'file', value: { path: 'a', content: '*', encoding: 'base64' } }]),
        400,
        'BadRequest',
      ],
      ['a short parent', ndjson([header({ parentCommit: 'abc' }), fileLine('a')]), 400, 'BadRequest'],
      ['traversal', ndjson([HEADER, fileLine('a'), fileLine('..\\ddd')]), 422, 'InvalidPath'],
      ['a path of Git', ndjson([HEADER, fileLine('.git/config')]), 422, 'InvalidPath'],
      [
        'a missing file',
        ndjson([HEADER, fileLine('a'), { key: 'deletedFile', value: { path: 'no' } }]),
        404,
        'EntryNotFound',
      ],
      [
        'a missing LFS object',
        ndjson([HEADER, fileLine('a'), lfsLine('b', missing)]),
        400,
        'LfsObjectMissing',
      ],
    ];
    for (const [name, body, status, code] of cases) {
      const answer = await content.sendCommit(owner, repo, body);
      expect([name, answer.statusCode, answer.headers['x-error-code']]).toEqual([name, status, code]);
      expect(answer.json()).toEqual({ error: expect.any(String) });
      expect(answer.headers['x-error-message']).toBeTruthy();
    }
    expect(await content.headOf(owner, repo)).toBe(before);
  });

  it('revisions that are no branch', async ({ content }) => {
    const owner = await content.user();
    const repo = await content.repo(owner);
    const body = ndjson([HEADER, fileLine('a')]);
    for (const revision of ['nope', await content.headOf(owner, repo), 'nope?create_pr=1', 'refs%2Fpr%2F9']) {
      const answer = await content.sendCommit(owner, repo, body, { revision });
      expect([revision, answer.statusCode, answer.headers['x-error-code']]).toEqual([
        revision,
        404,
        'RevisionNotFound',
      ]);
    }
  });

  it('another media type', async ({ content }) => {
    const owner = await content.user();
    const repo = await content.repo(owner);
    const answer = await content.sendCommit(owner, repo, 'x', { headers: { 'content-type': 'text/plain' } });
    expect(answer.statusCode).toBe(415);
  });
});

describe('over a socket', () => {
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
