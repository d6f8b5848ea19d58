import { gzipSync } from 'node:zlib';
import { describe, expect } from 'vitest';
import { fileLine } from '../support/content.ts';
import {
  COMMIT_HEADER,
  flawsOf,
  it,
  JSON_TYPE,
  LIMITS,
  NDJSON_TYPE,
  rawCommit,
  refused,
} from '../support/hostile.ts';
import { chunkOf, headOf, RawConnection, type RawRequest } from '../support/raw-http.ts';

const LINE = JSON.stringify(fileLine('x.txt'));

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
      'a gzip bomb': rawCommit(target.api, bomb, 'content-encoding: gzip'),
      'a long line in a gzip bomb': rawCommit(target.api, longLine, 'content-encoding: gzip'),
      'a long header line': rawCommit(target.api, 'x'.repeat(2 * 2 ** 20)),
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
        'a commit as text': { ...rawCommit(api, 'x'), headers: ['content-type: text/plain'] },
        'a commit that is not gzip': rawCommit(api, 'hello', 'content-encoding: gzip'),
        'a commit of half a gzip': rawCommit(
          api,
          gzipSync(`${COMMIT_HEADER}\n${LINE}`).subarray(0, 40),
          'content-encoding: gzip',
        ),
        'a commit in brotli': rawCommit(api, 'x', 'content-encoding: br'),
        'a commit in two encodings': rawCommit(api, 'x', 'content-encoding: gzip, gzip'),
        'an empty commit': rawCommit(api, ''),
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

it('and after all of this the hub is whole', async ({ hostile }) => {
  expect(await hostile.findings()).toEqual([]);
});
