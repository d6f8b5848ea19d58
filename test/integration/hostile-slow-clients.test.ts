import { randomBytes } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { describe, expect, vi } from 'vitest';
import { fileLine } from '../support/content.ts';
import { COMMIT_HEADER, flawsOf, it, JSON_TYPE, NDJSON_TYPE } from '../support/hostile.ts';
import { localPath } from '../support/lfs-world.ts';
import { headOf, RawConnection } from '../support/raw-http.ts';

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

it('and after all of this the hub is whole', async ({ hostile }) => {
  expect(await hostile.findings()).toEqual([]);
});
