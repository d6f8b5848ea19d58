import type { FastifyInstance, FastifyRequest } from 'fastify';
import fp from 'fastify-plugin';
import { createHash, timingSafeEqual } from 'node:crypto';
import { collectDefaultMetrics, Histogram, Registry } from 'prom-client';
import { NotFound } from '../domain/errors.ts';
import { addStoredGauges, type StoredGaugesOptions } from './stored-gauges.ts';

const BUCKETS_SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

export interface MetricsOptions {
  /** Bearer token of `/metrics`; null serves it to this machine only. */
  readonly token: string | null;
  /** Counts what the hub stores. */
  readonly readStored: StoredGaugesOptions['readStored'];
}

/** Prometheus metrics of the process and of every route. Each application has its own registry. */
export const metrics = fp(
  async (app: FastifyInstance, { token, readStored }: MetricsOptions) => {
    const registry = new Registry();
    collectDefaultMetrics({ register: registry });
    const onError = (err: unknown): void => app.log.warn({ err }, 'what is stored could not be counted');
    addStoredGauges({ registry, readStored, onError });
    const durations = new Histogram({
      name: 'http_request_duration_seconds',
      help: 'Time from the arrival of a request to the end of its answer.',
      labelNames: ['method', 'route', 'status'] as const,
      buckets: BUCKETS_SECONDS,
      registers: [registry],
    });
    app.addHook('onResponse', async (request, reply) => {
      // How long somebody listens says nothing about the hub.
      if (String(reply.getHeader('content-type')).startsWith('text/event-stream')) return;
      const route = request.routeOptions.url ?? 'unknown';
      const labels = { method: request.method, route, status: reply.statusCode };
      durations.observe(labels, reply.elapsedTime / 1000);
    });
    // Its token is no account's: who comes with one is not to be refused as somebody with a wrong login.
    const options = { schema: { hide: true }, config: { hasOwnTokens: true } };
    app.get('/metrics', options, async (request, reply) => {
      // The same answer as for a route that does not exist: strangers learn nothing.
      if (!mayRead(token, request)) throw new NotFound('There is nothing at this address.');
      return reply.type(registry.contentType).send(await registry.metrics());
    });
  },
  { name: 'metrics' },
);

function mayRead(token: string | null, { headers, ip }: FastifyRequest): boolean {
  if (token !== null) return sameSecret(headers.authorization ?? '', `Bearer ${token}`);
  // Behind a proxy on this machine everybody comes from here.
  const isForwarded = headers['x-forwarded-for'] !== undefined || headers.forwarded !== undefined;
  return !isForwarded && /^(?:127\.|::1$|::ffff:127\.)/.test(ip);
}

function sameSecret(given: string, expected: string): boolean {
  return timingSafeEqual(digest(given), digest(expected));
}

/** Makes both sides equally long, so that the comparison tells nothing. */
function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
