import { getTRPCErrorShape, TRPCError } from '@trpc/server';
import { fastifyTRPCPlugin, type FastifyTRPCPluginOptions } from '@trpc/server/adapters/fastify';
import { getHTTPStatusCodeFromError } from '@trpc/server/http';
import type { FastifyError, FastifyPluginAsync } from 'fastify';
import { DomainError } from '../../src/domain/errors.ts';
import { schemaContext } from '../context.ts';
import { TRPC_CODE_OF } from './error-codes.ts';
import { appRouter, type AppRouter } from './router.ts';

/** More calls than a page of a dashboard makes at once. */
const MAX_BATCH = 20;

/** tRPC at `/trpc`. Not wrapped in `fastify-plugin`: it replaces the parser of JSON, which only encapsulation keeps to itself. */
export const trpcDoor: FastifyPluginAsync = async (app) => {
  app.removeContentTypeParser(['application/x-www-form-urlencoded', 'text/plain']);
  app.setErrorHandler<FastifyError | DomainError>((error, request, reply) => {
    const refused = refusal(error);
    const status = getHTTPStatusCodeFromError(refused);
    if (status >= 500) request.log.error({ err: error }, 'request failed');
    const shape = getTRPCErrorShape({
      config: appRouter._def._config,
      error: refused,
      type: 'unknown',
      path: undefined,
      input: undefined,
      ctx: undefined,
    });
    return reply.code(status).send({ error: shape });
  });
  await app.register(fastifyTRPCPlugin, {
    prefix: '/trpc',
    trpcOptions: {
      router: appRouter,
      createContext: ({ req, res, info }) => schemaContext(req, res, info.calls.length),
      maxBatchSize: MAX_BATCH,
      onError: ({ error, req }) => {
        if (error.code === 'INTERNAL_SERVER_ERROR')
          req.log.error({ err: error.cause ?? error }, 'request failed');
      },
    },
  } satisfies { prefix: string; trpcOptions: FastifyTRPCPluginOptions<AppRouter>['trpcOptions'] });
};

/** What was refused before tRPC saw the request: credentials, or a body that is not JSON. */
function refusal(error: FastifyError | DomainError): TRPCError {
  if (error instanceof DomainError)
    return new TRPCError({ code: TRPC_CODE_OF[error.code], message: error.message, cause: error });
  if (error.statusCode === 413) return new TRPCError({ code: 'PAYLOAD_TOO_LARGE', message: error.message });
  return (error.statusCode ?? 500) < 500
    ? new TRPCError({ code: 'BAD_REQUEST', message: error.message })
    : new TRPCError({ code: 'INTERNAL_SERVER_ERROR', message: error.message, cause: error });
}
