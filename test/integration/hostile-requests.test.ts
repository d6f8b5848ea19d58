import { gzipSync } from 'node:zlib';
import { describe, expect } from 'vitest';
import { HEADER, lfsLine, ndjson } from '../support/content.ts';
import { flawsOf, it, rawCommit } from '../support/hostile.ts';
import { localPath } from '../support/lfs-world.ts';
import { chunkOf, type RawRequest } from '../support/raw-http.ts';

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
      rawCommit(target.api, ndjson([HEADER, lfsLine('big.bin', object)])),
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
