import { expect } from 'vitest';
import type { Config } from '../../src/config.ts';
import { buildApp } from '../../src/server/app.ts';
import type { Hub } from '../../src/server/hub.ts';
import { createLogger } from '../../src/server/log.ts';
import { it } from '../support/it.ts';

const PROXY = '10.6.0.1';
const forwarded = { 'x-forwarded-for': '203.0.113.7' };

/** What a hub logs while it answers a request with each of these headers. */
async function logOf(hub: Hub, trustProxy: Config['trustProxy'], requests: readonly object[]) {
  const lines: string[] = [];
  const log = createLogger({ level: 'warn', format: 'text' }, { write: (line) => void lines.push(line) });
  const app = await buildApp({ ...hub, log, config: { ...hub.config, trustProxy } });
  for (const headers of requests) {
    const answer = await app.inject({ url: '/api/version', headers: { ...headers }, remoteAddress: PROXY });
    expect(answer.statusCode).toBe(200);
  }
  await app.close();
  return lines;
}

it('warns once of a proxy that is not trusted, naming it and the variable', async ({ hub }) => {
  const lines = await logOf(hub, false, [{}, forwarded, forwarded]);
  expect(lines).toEqual([expect.stringMatching(/WARN +A request from 10\.6\.0\.1 .*KOHAKU_HUB_TRUST_PROXY/)]);
});

it('says nothing without a proxy', async ({ hub }) => {
  expect(await logOf(hub, false, [{}, {}])).toEqual([]);
});

it.for([[true], [[PROXY]]] as const)(
  'says nothing when proxies are configured: %j',
  async ([trust], { hub }) => {
    expect(await logOf(hub, trust, [forwarded])).toEqual([]);
  },
);
