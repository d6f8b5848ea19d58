import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Client } from '../src/domain/auth/client-address.ts';
import type { RequestScope } from '../src/server/request-scope.ts';
import type { Services } from '../src/server/services.ts';

/** What a resolver or a procedure works with: who is calling, and the services of this request. */
export interface SchemaContext extends RequestScope {
  /** Where the request came from, for throttles and sessions. */
  readonly client: Client;
  /** Sets cookies and headers; the body is the door's. */
  readonly reply: FastifyReply;
}

export function schemaContext(request: FastifyRequest, reply: FastifyReply): SchemaContext {
  const client = { address: request.ip, userAgent: request.headers['user-agent'] };
  return { ...request.scope, client, reply };
}

const CLIENT_GONE = 'The client has gone before it had its answer.';

/**
 * Services for a query: they stop between two statements when the client goes before it has its answer. A mutation has those of the
 * request, and is finished whoever waits for it.
 */
export function readingServices({ openServices, reply: { raw } }: SchemaContext): Services {
  const gone = new AbortController();
  if (raw.closed) gone.abort(new Error(CLIENT_GONE));
  else {
    raw.once('close', () => {
      if (!raw.writableEnded) gone.abort(new Error(CLIENT_GONE));
    });
  }
  return openServices(gone.signal);
}

/** Whether an error says no more than that the client has gone: nobody is told, and nothing went wrong. */
export function isClientGone(error: unknown): boolean {
  // The ORM makes an error of its own of it, with the same message.
  return error instanceof Error && error.message === CLIENT_GONE;
}
