import { randomBytes } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { describe, expect, vi } from 'vitest';
import { fileLine, HEADER, lfsLine, ndjson } from '../support/content.ts';
import { flawsOf, it, JSON_TYPE, LIMITS, refused } from '../support/hostile.ts';
import { localPath } from '../support/lfs-world.ts';
import { chunkOf, headOf, RawConnection, type RawRequest } from '../support/raw-http.ts';

const NDJSON_TYPE = ['content-type: application/x-ndjson'];
const LINE = JSON.stringify(fileLine('x.txt'));
const COMMIT_HEADER = JSON.stringify(HEADER);

function commit(api: string, body: string | Buffer, ...headers: readonly string[]): RawRequest {
  return { method: 'POST', target: `${api}/commit/main`, headers: [...NDJSON_TYPE, ...headers], body };
}

describe('a broken commit', () => {
  const lines = Array.from({ length: 5 }, (_, index) => JSON.stringify(fileLine(`new-${index}.txt`)));
  for (const at of [0, 1, 3, 5]) {
    it(
      `at line ${at + 1}`,
      refused(({ api }) => {
        const broken = (line: string | Buffer) => {
          const all = [COMMIT_HEADER, ...lines].map((each) => Buffer.from(each));
          all[at] = Buffer.from(line as string);
          return commit(api, Buffer.concat(all.flatMap((each) => [each, Buffer.from('\n')])));
        };
        return {
          'half an object': broken('{"key":"file","value":{'),
          'no JSON': broken('hello'),
          null: broken('null'),
          number: broken('5'),
          list: broken('[]'),
          'no key': broken('{"value":{}}'),
          'no value': broken('{"key":"file"}'),
          'unknown key': broken('{"key":"symlink","value":{"path":"x"}}'),
          'not UTF-8': broken(Buffer.from([0x7b, 0xff, 0xfe, 0x7d])),
          NUL: broken('\0'),
          'UTF-16': broken(Buffer.from(COMMIT_HEADER, 'utf16le')),
          prototype: broken('{"__proto__":{"key":"file"}}'),
          deep: broken(`{"key":"file","value":${'['.repeat(20_000)}${']'.repeat(20_000)}}`),
          'a header at the wrong place': broken(at === 0 ? LINE : COMMIT_HEADER),
        };
      }),
    );
  }

  it(
    'in its content',
    refused(({ api }) => {
      const file = (path: string, content: string, encoding = 'base64') =>
        commit(
          api,
          `${COMMIT_HEADER}\n${JSON.stringify({ key: 'file', value: { path, content, encoding } })}`,
        );
      const line = (key: string, value: object) =>
        commit(api, ndjson([HEADER, { key, value: { ...value } }]));
      const oid = 'ab'.repeat(32);
      return {
        'not base64': file('x', '!!!!'),
        'base64 without padding': file('x', 'YQ'),
        'base64 of URLs': file('x', '_-8='),
        'base64 with a line break': file('x', 'YWJj\nZGVm'),
        'large text that is not base64': file('x', `${'A'.repeat(400_000)}*AAA`),
        'a lone surrogate': file('x', '\ud800', 'utf-8'),
        'another encoding': file('x', 'aa', 'hex'),
        'too large a file': file('x', Buffer.alloc(LIMITS.fileBytes + 1).toString('base64')),
        'a file inside a file': commit(api, ndjson([HEADER, fileLine('a.txt/b.txt')])),
        'a file in place of a folder': commit(api, ndjson([HEADER, fileLine('dir')])),
        'a file and a folder of one name': commit(api, ndjson([HEADER, fileLine('n'), fileLine('n/m')])),
        'deleting what is not there': line('deletedFile', { path: 'nothing' }),
        'deleting a missing folder': line('deletedFolder', { path: 'nothing/' }),
        'copying what is not there': line('copyFile', { path: 'x', srcPath: 'nothing' }),
        'copying from nowhere': line('copyFile', { path: 'x', srcPath: 'a.txt', srcRevision: 'nowhere' }),
        'copying a folder': line('copyFile', { path: 'x', srcPath: 'dir' }),
        'an LFS object that is not here': line('lfsFile', { path: 'x', oid, size: 1 }),
        'an LFS object of another hash': line('lfsFile', { path: 'x', oid, size: 1, algo: 'sha1' }),
        'more than 10,000 entries': commit(
          api,
          ndjson([HEADER, ...Array.from({ length: 10_001 }, (_, index) => fileLine(`many/${index}`, ''))]),
        ),
        'a stale parent': commit(
          api,
          ndjson([{ key: 'header', value: { summary: 'x', parentCommit: 'f'.repeat(40) } }, fileLine('x')]),
        ),
        'an empty summary': commit(api, ndjson([{ key: 'header', value: { summary: ' ' } }, fileLine('x')])),
        'a summary of a NUL': commit(
          api,
          ndjson([{ key: 'header', value: { summary: '\0' } }, fileLine('x')]),
        ),
        'nothing but a header to a missing branch': {
          ...commit(api, `${COMMIT_HEADER}\n`),
          target: `${api}/commit/nowhere`,
        },
        'a tag': {
          ...commit(api, ndjson([HEADER, fileLine('x')])),
          target: `${api}/commit/refs%2Ftags%2Fv1`,
        },
      };
    }),
  );

  const RESERVED = [
    '',
    '/',
    '.',
    '..',
    '../x',
    'a/../b',
    './a',
    'a//b',
    '/a',
    'a/',
    '.git',
    '.git/config',
    'a/.git/b',
    '.GIT/x',
    '.gIt',
    'git~1',
    'GIT~1/x',
    '.git.',
    '.git ',
    '.git. .',
    '.git::$INDEX_ALLOCATION',
    '.g\u200cit',
    '.gi\u200dt/x',
    '\ufeff.git',
    'a\\b',
    '..\\x',
    'a\0b',
    'a\nb',
    'a\x7fb',
    '\u0085',
    'a\ud800',
    'x'.repeat(256),
    'y/'.repeat(2048),
    'z/'.repeat(300),
  ];
  it(
    'with reserved spellings of paths',
    refused(({ api }) =>
      Object.fromEntries(
        RESERVED.flatMap((path) => [
          [
            `file ${JSON.stringify(path).slice(0, 40)}`,
            commit(api, ndjson([HEADER, fileLine(path)])),
          ] as const,
          [
            `preupload ${JSON.stringify(path).slice(0, 40)}`,
            {
              method: 'POST',
              target: `${api}/preupload/main`,
              headers: JSON_TYPE,
              body: JSON.stringify({ files: [{ path, size: 1 }] }),
            },
          ] as const,
        ]),
      ),
    ),
  );
});

describe('bodies over the limit', () => {
  it('are 413, also without a length, and as an endless line', async ({ hostile, target }) => {
    const before = await hostile.traces();
    const json = '{"name":"' + 'x'.repeat(LIMITS.jsonBytes) + '"}';
    const bomb = gzipSync(
      Buffer.concat([Buffer.from(`${COMMIT_HEADER}\n`), Buffer.alloc(64 * 2 ** 20, '\n')]),
    );
    const longLine = gzipSync(
      Buffer.concat([Buffer.from(`${COMMIT_HEADER}\n`), Buffer.alloc(64 * 2 ** 20, 'x')]),
    );
    const requests: Readonly<Record<string, RawRequest>> = {
      JSON: { method: 'POST', target: '/api/repos/create', headers: JSON_TYPE, body: json },
      'JSON in chunks': {
        method: 'POST',
        target: '/api/repos/create',
        headers: [...JSON_TYPE, 'transfer-encoding: chunked'],
        body: chunkOf(json),
      },
      form: {
        method: 'POST',
        target: `${target.api}/paths-info/main`,
        headers: ['content-type: application/x-www-form-urlencoded'],
        body: `paths=${'x'.repeat(LIMITS.jsonBytes)}`,
      },
      batch: {
        method: 'POST',
        target: `${target.web}.git/info/lfs/objects/batch`,
        headers: JSON_TYPE,
        body: json,
      },
      'a gzip bomb': commit(target.api, bomb, 'content-encoding: gzip'),
      'a long line in a gzip bomb': commit(target.api, longLine, 'content-encoding: gzip'),
      'a long header line': commit(target.api, 'x'.repeat(2 * 2 ** 20)),
    };
    for (const [name, request] of Object.entries(requests)) {
      const answer = await hostile.send(target.owner, request);
      expect.soft([name, answer.status, ...flawsOf(answer)]).toEqual([name, 413]);
    }
    expect(await hostile.traces()).toEqual(before);
  });

  it('end an endless body', async ({ hostile, target }) => {
    const before = await hostile.traces();
    const connection = await RawConnection.open(hostile.port);
    const headers = [
      `authorization: ${target.owner.headers.authorization}`,
      'transfer-encoding: chunked',
      ...NDJSON_TYPE,
    ];
    await connection.write(headOf({ method: 'POST', target: `${target.api}/commit/main`, headers }));
    await connection.write(chunkOf(`${COMMIT_HEADER}\n`));
    const chunk = chunkOf(Buffer.alloc(256 * 1024, 'x'));
    for (let sent = 0; sent < 64 && (await connection.write(chunk)); sent++);
    await connection.write(chunkOf(''));
    const answer = await connection.answer();
    expect([answer.status, ...flawsOf(answer)]).toEqual([413]);
    expect(await hostile.traces()).toEqual(before);
  });
});

function create(type: string, body: string | Buffer, ...headers: readonly string[]): RawRequest {
  return {
    method: 'POST',
    target: '/api/repos/create',
    headers: [`content-type: ${type}`, ...headers],
    body,
  };
}

describe('strange content types and encodings', () => {
  it(
    'are refused',
    refused(({ api, web }) => {
      return {
        text: create('text/plain', '{"name":"x"}'),
        none: { method: 'POST', target: '/api/repos/create', body: '{"name":"x"}' },
        nonsense: create('////', '{}'),
        empty: create('', '{}'),
        'very long': create(`application/json; x=${'y'.repeat(8000)}`, '{'),
        multipart: create('multipart/form-data; boundary=x', '--x--'),
        'not UTF-8': create('application/json', Buffer.from([0x22, 0xff, 0x22])),
        'UTF-16': create('application/json; charset=utf-16', Buffer.from('{"name":"x"}', 'utf16le')),
        'gzip for JSON': create('application/json', gzipSync('{"name":"x"}'), 'content-encoding: gzip'),
        'an empty body': create('application/json', ''),
        'a commit as text': { ...commit(api, 'x'), headers: ['content-type: text/plain'] },
        'a commit that is not gzip': commit(api, 'hello', 'content-encoding: gzip'),
        'a commit of half a gzip': commit(
          api,
          gzipSync(`${COMMIT_HEADER}\n${LINE}`).subarray(0, 40),
          'content-encoding: gzip',
        ),
        'a commit in brotli': commit(api, 'x', 'content-encoding: br'),
        'a commit in two encodings': commit(api, 'x', 'content-encoding: gzip, gzip'),
        'an empty commit': commit(api, ''),
        'a batch that is not JSON': {
          method: 'POST',
          target: `${web}.git/info/lfs/objects/batch`,
          headers: ['content-type: application/vnd.git-lfs+json'],
          body: 'hello',
        },
        'a prototype': create('application/json', '{"__proto__":{"isAdmin":true},"name":"x"}'),
      };
    }),
  );
});

describe('a slow client', () => {
  const START = `POST /api/repos/create HTTP/1.1\r\nhost: hub.test\r\n`;
  it('with its headers, its JSON, its form or its commit gets an answer, and others are served meanwhile', async ({
    hostile,
    target,
  }) => {
    const before = await hostile.traces();
    const authorization = `authorization: ${target.owner.headers.authorization}`;
    const half: Readonly<Record<string, string | Buffer>> = {
      headers: START,
      'first byte': 'P',
      JSON: `${START}${authorization}\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{"na`,
      'JSON in chunks': `${START}${authorization}\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n4\r\n{"na\r\n`,
      form: Buffer.concat([
        headOf({
          method: 'POST',
          target: `${target.api}/paths-info/main`,
          headers: [authorization, 'content-type: application/x-www-form-urlencoded', 'content-length: 10'],
        }),
        Buffer.from('pa'),
      ]),
      commit: Buffer.concat([
        headOf({
          method: 'POST',
          target: `${target.api}/commit/main`,
          headers: [authorization, ...NDJSON_TYPE, 'content-length: 1000'],
        }),
        Buffer.from(`${COMMIT_HEADER}\n{"key":`),
      ]),
      batch: Buffer.concat([
        headOf({
          method: 'POST',
          target: `${target.web}.git/info/lfs/objects/batch`,
          headers: [authorization, ...JSON_TYPE, 'content-length: 1000'],
        }),
        Buffer.from('{'),
      ]),
    };
    const connections = await Promise.all(
      Object.entries(half).map(async ([name, bytes]) => {
        const connection = await RawConnection.open(hostile.port);
        await connection.write(bytes);
        return { name, connection };
      }),
    );
    expect((await hostile.send(target.owner, { target: `${target.web}/resolve/main/a.txt` })).body).toBe('a');
    for (const { name, connection } of connections) {
      const answer = await connection.answer();
      expect.soft([name, ...flawsOf(answer)]).toEqual([name]);
      connection.close();
    }
    expect(await hostile.traces()).toEqual(before);
  });

  it('that goes away while bytes are under way, in any direction, ends nothing but its own request', async ({
    hostile,
    target,
  }) => {
    const object = hostile.object(8 * 2 ** 20);
    await hostile.commitLfs(target.owner, target.repo, 'large.bin', object);
    const other = hostile.object(8 * 2 ** 20);
    const { actions } = await hostile.ask(target.owner, target.repo, 'upload', other);
    const before = await hostile.traces();
    const authorization = `authorization: ${target.owner.headers.authorization}`;
    const gzip = gzipSync(Buffer.concat([Buffer.from(`${COMMIT_HEADER}\n`), randomBytes(500_000)]));
    const length = 'content-length: 8388608';
    const halves = [
      headOf({ target: `${target.web}/resolve/main/large.bin`, headers: [authorization] }),
      Buffer.concat([
        headOf({ method: 'PUT', target: localPath(actions!.upload!.href), headers: [length] }),
        other.bytes.subarray(0, 3_000_000),
      ]),
      Buffer.concat([
        headOf({
          method: 'POST',
          target: `${target.api}/commit/main`,
          headers: [authorization, ...NDJSON_TYPE, 'content-encoding: gzip', length],
        }),
        gzip.subarray(0, 300_000),
      ]),
      Buffer.concat([
        headOf({ method: 'POST', target: '/api/auth/login', headers: [...JSON_TYPE, 'content-length: 100'] }),
        Buffer.from('{'),
      ]),
    ];
    for (const half of halves) {
      const connection = await RawConnection.open(hostile.port);
      await connection.write(half);
      connection.close();
    }
    const whole = await hostile.send(target.owner, { target: `${target.web}/resolve/main/large.bin` });
    expect([whole.status, whole.headers['content-length']]).toEqual([200, String(object.bytes.length)]);
    await vi.waitFor(async () => expect(await hostile.traces()).toEqual(before), { timeout: 10_000 });
  });

  it('that goes away in the middle leaves nothing behind', async ({ hostile, target }) => {
    const before = await hostile.traces();
    const authorization = `authorization: ${target.owner.headers.authorization}`;
    const content = JSON.stringify(fileLine('gone.bin', randomBytes(500_000)));
    const connection = await RawConnection.open(hostile.port);
    await connection.write(
      headOf({
        method: 'POST',
        target: `${target.api}/commit/main`,
        headers: [authorization, ...NDJSON_TYPE, 'content-length: 5000000'],
      }),
    );
    await connection.write(`${COMMIT_HEADER}\n${content}\n${content.slice(0, 1000)}`);
    connection.close();
    const read = await hostile.send(target.owner, { target: `${target.web}/resolve/main/gone.bin` });
    expect(read.status).toBe(404);
    expect(await hostile.traces()).toEqual(before);
  });
});

function put(url: string, body: Buffer, ...headers: readonly string[]): RawRequest {
  return {
    method: 'PUT',
    target: url,
    headers,
    body,
  };
}

describe('an LFS upload', () => {
  it('of other bytes, of another size, cut off or with a changed URL leaves nothing behind', async ({
    hostile,
    target,
  }) => {
    const object = hostile.object(100_000);
    const { actions } = await hostile.ask(target.owner, target.repo, 'upload', object);
    const href = localPath(actions!.upload!.href);
    const before = await hostile.traces();
    const requests: Readonly<Record<string, RawRequest>> = {
      'other bytes': put(href, Buffer.alloc(100_000)),
      'too few': put(href, object.bytes.subarray(1)),
      'too many': put(href, Buffer.concat([object.bytes, Buffer.from('x')])),
      'too many, in chunks': put(
        href,
        Buffer.concat([chunkOf(Buffer.concat([object.bytes, object.bytes])), chunkOf('')]),
        'transfer-encoding: chunked',
      ),
      'too few, in chunks': put(
        href,
        Buffer.concat([chunkOf(object.bytes.subarray(1)), chunkOf('')]),
        'transfer-encoding: chunked',
      ),
      'a gzip bomb': put(href, gzipSync(Buffer.alloc(50 * 2 ** 20)), 'content-encoding: gzip'),
      'a changed token': put(`${href}x`, object.bytes),
      'no token': put('/_storage/object', object.bytes),
      'two tokens': put(`${href}&token=x`, object.bytes),
      'a NUL as token': put('/_storage/object?token=%00', object.bytes),
      'a download with it': { target: href },
    };
    for (const [name, request] of Object.entries(requests)) {
      const answer = await hostile.send(null, request);
      expect.soft([name, ...flawsOf(answer)]).toEqual([name]);
    }
    expect(await hostile.traces()).toEqual(before);
    const refusedCommit = await hostile.send(
      target.owner,
      commit(target.api, ndjson([HEADER, lfsLine('big.bin', object)])),
    );
    expect([refusedCommit.status, refusedCommit.headers['x-error-code']]).toEqual([400, 'LfsObjectMissing']);
    expect(await hostile.traces()).toEqual(before);
  });
});

describe('credentials', () => {
  it('that are wrong are never nobody', async ({ hostile, target }) => {
    const { token } = target.owner;
    const headers: Readonly<Record<string, string>> = {
      'an unknown token': `Bearer hf_${'x'.repeat(40)}`,
      'an old token': `Bearer ${token}x`,
      'another case': `Bearer ${token.toUpperCase()}`,
      'an unknown scheme': `Digest ${token}`,
      'no scheme': token,
      'broken base64': 'Basic ====',
      'a NUL in a name': `Basic ${Buffer.from('a\0b:secret').toString('base64')}`,
      'a wrong password': `Basic ${Buffer.from(`${target.owner.name}:wrong`).toString('base64')}`,
      'a long token': `Bearer ${'x'.repeat(8000)}`,
    };
    for (const [name, value] of Object.entries(headers)) {
      for (const path of ['/api/models', `${target.web}/resolve/main/a.txt`, '/api/whoami-v2']) {
        const answer = await hostile.send(null, { target: path, headers: [`authorization: ${value}`] });
        expect
          .soft([name, path, answer.status, answer.headers['x-error-message'], ...flawsOf(answer)])
          .toEqual([name, path, 401, 'Invalid credentials in Authorization header']);
      }
    }
  });

  it('sent twice do not choose the better one', async ({ hostile, target }) => {
    const answer = await hostile.send(null, {
      target: '/api/whoami-v2',
      headers: ['authorization: Bearer hf_wrong', `authorization: Bearer ${target.owner.token}`],
    });
    expect(answer.status).toBe(401);
  });
});

describe('request headers of a download', () => {
  it('are honoured or ignored, never a failure', async ({ hostile, target }) => {
    const headers = [
      'range: bytes=0-0',
      'range: bytes=5-',
      'range: bytes=-0',
      'range: bytes=99999999999999999999-',
      'range: bytes=0-99999999999999999999',
      'range: bytes=1-0',
      'range: bytes=a-b',
      'range: bytes=0-0,0-0',
      `range: bytes=${'0-0,'.repeat(2000)}0-0`,
      'range: bytes',
      'range: ',
      'range: items=0-1',
      'if-none-match: *',
      `if-none-match: ${'"x",'.repeat(2000)}"y"`,
      'if-none-match: W/',
      'if-range: yesterday',
      'if-modified-since: never',
      'accept-encoding: \xff',
      'x-request-id: a\tb<script>',
      'x-forwarded-for: 1.2.3.4, 5.6.7.8',
      'expect: something',
      'cookie: session_id=%00; session_id=x',
      'host: evil.test',
    ];
    for (const header of headers) {
      for (const method of ['GET', 'HEAD']) {
        const answer = await hostile.send(target.owner, {
          method,
          target: `${target.web}/resolve/main/a.txt`,
          headers: [header],
        });
        expect
          .soft([header.slice(0, 60), method, answer.status])
          .toEqual([header.slice(0, 60), method, expect.toBeOneOf([200, 206, 304, 400, 416, 417])]);
      }
    }
  });
});

it('and after all of this the hub is whole', async ({ hostile }) => {
  expect(await hostile.findings()).toEqual([]);
});
