import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Client } from 'pg';
import { describe, expect, it, onTestFinished } from 'vitest';
import { buildApp } from '../../src/server/app.ts';
import { openTestHub } from '../support/test-hub.ts';

async function openApp(settings: Readonly<Record<string, string>> = {}) {
  const test = await openTestHub(settings);
  const app = await buildApp(test.hub);
  onTestFinished(async () => {
    await app.close();
    await test.close();
  });
  return { hub: test.hub, app };
}

describe('GET /health', () => {
  it('is 503 when the object store takes nothing, and says no more than which one it is', async () => {
    const { hub, app } = await openApp();
    expect((await app.inject('/health')).statusCode).toBe(200);
    // Its folder for what is being written is a file now.
    const folder = join(hub.config.dataDir, 'objects/tmp');
    await rm(folder, { recursive: true });
    await writeFile(folder, '');
    const answer = await app.inject('/health');
    expect(answer.statusCode).toBe(503);
    expect(answer.headers['cache-control']).toBe('no-store');
    expect(answer.json()).toEqual({
      status: 'down',
      dependencies: [
        { name: 'database', status: 'ok', latency_ms: expect.any(Number) },
        { name: 'storage', status: 'down', latency_ms: expect.any(Number) },
      ],
    });
  });

  it('is 503 when the database is gone', async () => {
    const { hub, app } = await openApp();
    const url = new URL(hub.config.database.url!);
    const database = url.pathname.slice(1);
    url.pathname = '/postgres';
    const client = new Client({ connectionString: url.href });
    await client.connect();
    try {
      await client.query(`alter database ${database} allow_connections false`);
      await client.query('select pg_terminate_backend(pid) from pg_stat_activity where datname = $1', [
        database,
      ]);
    } finally {
      await client.end();
    }
    const answer = await app.inject('/health');
    expect(answer.statusCode).toBe(503);
    expect(answer.json()).toMatchObject({
      status: 'down',
      dependencies: [
        { name: 'database', status: 'down' },
        { name: 'storage', status: 'ok' },
      ],
    });
  });
});

describe('GET /metrics', () => {
  it('is for this machine, unless there is a token', async () => {
    const { app } = await openApp();
    expect((await app.inject({ url: '/metrics', remoteAddress: '127.0.0.1' })).statusCode).toBe(200);
    expect((await app.inject({ url: '/metrics', remoteAddress: '::1' })).statusCode).toBe(200);
    const other = await app.inject({ url: '/metrics', remoteAddress: '10.0.0.7' });
    expect([other.statusCode, other.headers['x-error-code']]).toEqual([404, 'NotFound']);
  });

  it('is for whoever has the token, from anywhere', async () => {
    const { app } = await openApp({ METRICS_TOKEN: 'scrape me' });
    const ask = async (authorization?: string) =>
      (
        await app.inject({
          url: '/metrics',
          remoteAddress: '10.0.0.7',
          headers: authorization === undefined ? {} : { authorization },
        })
      ).statusCode;
    expect(await ask('Bearer scrape me')).toBe(200);
    for (const wrong of [undefined, 'Bearer scrape', 'Bearer ', 'scrape me', 'Basic c2NyYXBlIG1l'])
      expect([wrong, await ask(wrong)]).toEqual([wrong, 404]);
    expect((await app.inject({ url: '/metrics', remoteAddress: '127.0.0.1' })).statusCode).toBe(404);
  });

  it('counts requests by route, never by what a URL names', async () => {
    const { app } = await openApp();
    await app.inject('/api/models/nobody/secret-name');
    const { body, headers } = await app.inject('/metrics');
    expect(headers['content-type']).toContain('text/plain; version=0.0.4');
    expect(body).toMatch(
      /^http_request_duration_seconds_count\{method="GET",route="[^"]*:namespace\/:name",status="404"\} 1$/m,
    );
    expect(body).toMatch(/^process_resident_memory_bytes \d+$/m);
    expect(body).not.toContain('secret-name');
  });
});
