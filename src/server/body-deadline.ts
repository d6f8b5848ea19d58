import type { FastifyInstance, FastifyRequest } from 'fastify';
import fp from 'fastify-plugin';
import { BadRequest } from '../domain/errors.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Runs while the body is being parsed. */
    bodyTimer: NodeJS.Timeout | null;
  }
}

/**
 * Gives bodies that are parsed as a whole a time in which they must arrive. Bodies that are handed on as streams count as
 * parsed at once; whoever reads them has deadlines of his own.
 */
export const bodyDeadline = fp(
  async (app: FastifyInstance, { timeoutMs }: { timeoutMs: number }) => {
    app.decorateRequest('bodyTimer', null);
    app.addHook('preParsing', async (request, reply) => {
      if (!hasBody(request)) return;
      request.bodyTimer = setTimeout(() => {
        void reply.header('connection', 'close').send(new BadRequest('The body arrives too slowly.'));
      }, timeoutMs);
      request.raw.once('close', () => stop(request));
    });
    app.addHook('preValidation', async (request) => stop(request));
    app.addHook('onError', async (request) => stop(request));
  },
  { name: 'body-deadline' },
);

function hasBody({ headers }: FastifyRequest): boolean {
  return headers['content-length'] !== undefined || headers['transfer-encoding'] !== undefined;
}

function stop(request: FastifyRequest): void {
  if (request.bodyTimer === null) return;
  clearTimeout(request.bodyTimer);
  request.bodyTimer = null;
}
