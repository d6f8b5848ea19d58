import type { FastifyRequest } from 'fastify';
import type { Client } from '../../src/domain/auth/client-address.ts';

/** Where a request came from; `trustProxy` decides whose `X-Forwarded-For` counts. */
export function clientOf(request: FastifyRequest): Client {
  return { address: request.ip, userAgent: request.headers['user-agent'] };
}
