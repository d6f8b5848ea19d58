import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { FixedAnswer } from './node-server.ts';

/** The floor of a Node process: no routes, no database, the same bytes for every request. */

const [{ headers, body }] = (await once(process, 'message')) as [FixedAnswer];
const bytes = Buffer.from(body);
const server = createServer((request, response) => {
  response.writeHead(200, headers);
  response.end(request.method === 'HEAD' ? undefined : bytes);
});
server.listen(0, '127.0.0.1', () => process.send!((server.address() as AddressInfo).port));
