import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Client } from '../src/domain/auth/client-address.ts';
import type { RequestScope } from '../src/server/request-scope.ts';

/** What a resolver or a procedure works with: who is calling, and the services of this request. */
export interface SchemaContext extends RequestScope {
  /** Where the request came from, for throttles and sessions. */
  readonly client: Client;
  /** Sets cookies and headers; the body is the door's. */
  readonly reply: FastifyReply;
  /** How many calls the request holds: more than one in a batch of tRPC. */
  readonly callCount: number;
}

export function schemaContext(request: FastifyRequest, reply: FastifyReply, callCount = 1): SchemaContext {
  const client = { address: request.ip, userAgent: request.headers['user-agent'] };
  return { ...request.scope, client, reply, callCount };
}
