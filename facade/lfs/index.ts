import type { FastifyInstance, FastifyPluginAsync, FastifyRequest } from 'fastify';
import { BadRequest } from '../../src/domain/errors.ts';
import { batchRoute } from './batch.route.ts';
import { completeRoute } from './complete.route.ts';
import { installLfsErrorHandler } from './lfs-errors.ts';
import { locksRoute } from './locks.route.ts';
import { verifyRoute } from './verify.route.ts';

/** The Git LFS batch API and its locks, with its own media type and error shape. */
export const lfsDoor: FastifyPluginAsync = async (app) => {
  installLfsErrorHandler(app);
  parseEveryBodyAsJson(app);
  takeLfsCredentials(app);
  await app.register(batchRoute);
  await app.register(verifyRoute);
  await app.register(locksRoute);
  await app.register(completeRoute);
};

/** Those that SSH gives to git-lfs. No other door takes them. */
function takeLfsCredentials(app: FastifyInstance): void {
  app.addHook('onRoute', (route) => {
    route.config = { ...route.config, takesLfsCredentials: true };
  });
}

/** Clients call their JSON `application/vnd.git-lfs+json`, with or without a charset, or plain JSON, or nothing. */
function parseEveryBodyAsJson(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'string' }, async (_request: FastifyRequest, body: string) => {
    try {
      return JSON.parse(body) as unknown;
    } catch {
      throw new BadRequest('The body must be JSON.');
    }
  });
}
