import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { it as base } from '../support/it.ts';

/** `it` with `url`, where the hub of the file listens: for clients with connections of their own. */
export const it = base.extend('url', { scope: 'file' }, async ({ app }) => {
  app.server.listen(0, '127.0.0.1');
  await once(app.server, 'listening');
  return `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`;
});
