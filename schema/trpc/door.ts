import type { FastifyError, FastifyPluginAsync } from 'fastify';
import type { DomainError } from '../../src/domain/errors.ts';
import { takeJson } from '../json-body.ts';

/** An upload of ten thousand parts has nearly as many. */
const MAX_VALUES = 31_000;

/** tRPC at `/trpc`, by GET and POST only. Its parsers and error shape are its own. */
export const trpcDoor: FastifyPluginAsync = async (app) => {
  // A page of another site can send forms and texts, but no JSON: no CORS lets it. tRPC parses JSON itself.
  app.removeContentTypeParser(['application/x-www-form-urlencoded', 'text/plain', 'application/json']);
  takeJson(app, MAX_VALUES, (_request, text, done) => done(null, text));
  app.setErrorHandler<FastifyError | DomainError>(async (error, request, reply) => {
    const { refuse } = await loadServer();
    return refuse(error, request, reply);
  });
  app.route<{ Params: { path: string } }>({
    url: '/trpc/:path',
    method: ['GET', 'POST'],
    exposeHeadRoute: false,
    schema: { hide: true },
    handler: async (request, reply) => {
      const { answer } = await loadServer();
      return answer(request, reply, request.params.path);
    },
  });
};

/** The procedures and their libraries take memory that a hub without such clients need not have: the first request loads them. */
function loadServer() {
  return import('./server.ts');
}
