import { getTRPCErrorShape, TRPCError } from '@trpc/server';
import { type FastifyHandlerOptions, fastifyRequestHandler } from '@trpc/server/adapters/fastify';
import { getHTTPStatusCodeFromError } from '@trpc/server/http';
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import { DomainError } from '../../src/domain/errors.ts';
import { isClientGone, readingServices } from '../context.ts';
import { TRPC_CODE_OF } from './error-codes.ts';
import { MAX_BATCH } from './max-batch.ts';
import { appRouter, type AppRouter } from './router.ts';
import { trpcContext } from './trpc.ts';

const OPTIONS: FastifyHandlerOptions<AppRouter, FastifyRequest, FastifyReply> = {
  router: appRouter,
  createContext: ({ req, res, info: { type, calls } }) => {
    const context = trpcContext(req, res, calls.length);
    return type === 'query' ? { ...context, services: readingServices(context) } : context;
  },
  maxBatchSize: MAX_BATCH,
  onError: ({ error, req }) => {
    if (error.code === 'INTERNAL_SERVER_ERROR' && !isClientGone(error.cause))
      req.log.error({ err: error.cause ?? error }, 'request failed');
  },
};

/** Answers one request. @param path of one procedure, or of several in a batch. */
export function answer(req: FastifyRequest, res: FastifyReply, path: string): Promise<void> {
  return fastifyRequestHandler({ ...OPTIONS, req, res, path });
}

/** What was refused before tRPC saw the request, in its shape: credentials, or a body that it does not take. */
export function refuse(error: FastifyError | DomainError, req: FastifyRequest, res: FastifyReply) {
  const refused = refusal(error);
  const status = getHTTPStatusCodeFromError(refused);
  if (status >= 500) req.log.error({ err: error }, 'request failed');
  const shape = getTRPCErrorShape({
    config: appRouter._def._config,
    error: refused,
    type: 'unknown',
    path: undefined,
    input: undefined,
    ctx: undefined,
  });
  return res.code(status).send({ error: shape });
}

function refusal(error: FastifyError | DomainError): TRPCError {
  if (error instanceof DomainError)
    return new TRPCError({ code: TRPC_CODE_OF[error.code], message: error.message, cause: error });
  if (error.statusCode === 413) return new TRPCError({ code: 'PAYLOAD_TOO_LARGE', message: error.message });
  if (error.statusCode === 415)
    return new TRPCError({ code: 'UNSUPPORTED_MEDIA_TYPE', message: error.message });
  return (error.statusCode ?? 500) < 500
    ? new TRPCError({ code: 'BAD_REQUEST', message: error.message })
    : new TRPCError({ code: 'INTERNAL_SERVER_ERROR', message: error.message, cause: error });
}
