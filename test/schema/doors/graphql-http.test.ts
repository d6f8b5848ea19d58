import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { serverAudits } from 'graphql-http';
import { describe, expect } from 'vitest';
import { it as base } from '../../support/it.ts';

const it = base.extend('url', { scope: 'file' }, async ({ app }) => {
  if (!app.server.listening) {
    app.server.listen(0, '127.0.0.1');
    await once(app.server, 'listening');
  }
  return `http://127.0.0.1:${(app.server.address() as AddressInfo).port}/graphql`;
});

const AUDITS = serverAudits({ url: 'http://unused' }).map(({ id, name }) => [id, name] as const);

describe('GraphQL over HTTP', () => {
  it.for(AUDITS)('%s: %s', async ([id], { url }) => {
    const audit = serverAudits({ url }).find((each) => each.id === id)!;
    const result = await audit.fn();
    const reason = result.status === 'ok' ? '' : result.reason;
    expect({ status: result.status, reason }).toEqual({ status: 'ok', reason: '' });
  });
});
