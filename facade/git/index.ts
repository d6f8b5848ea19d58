import type { FastifyPluginAsync } from 'fastify';
import { installGitErrorHandler } from './git-errors.ts';
import { headRoute } from './head.route.ts';
import { infoRefsRoute } from './info-refs.route.ts';
import { receivePackRoute } from './receive-pack.route.ts';
import { uploadPackRoute } from './upload-pack.route.ts';

/** Git's smart HTTP protocol (gitprotocol-http). Bodies are bytes, whatever their type is called. */
export const gitDoor: FastifyPluginAsync = async (app) => {
  installGitErrorHandler(app);
  app.removeAllContentTypeParsers();
  // The routes read the request's stream themselves.
  app.addContentTypeParser('*', async () => undefined);
  await app.register(infoRefsRoute);
  await app.register(headRoute);
  await app.register(uploadPackRoute);
  await app.register(receivePackRoute);
};
