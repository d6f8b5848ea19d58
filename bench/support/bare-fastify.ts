import Fastify from 'fastify';
import type { AddressInfo } from 'node:net';

/** Fastify with one route and nothing else. */

const app = Fastify();
app.get('/health', async () => ({ status: 'ok' }));
await app.listen({ port: 0, host: '127.0.0.1' });
process.send!((app.server.address() as AddressInfo).port);
