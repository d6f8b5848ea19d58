import type { FastifyPluginAsync } from 'fastify';

/** The content-addressed store of Xet. Bodies are bytes of any type, and tokens are its own. */
export const xetDoor: FastifyPluginAsync = async (app) => {
  app.removeAllContentTypeParsers();
  // Routes that take a body read the request's stream themselves.
  app.addContentTypeParser('*', async () => undefined);
  app.addHook('onRoute', (route) => {
    route.config = { ...route.config, hasOwnTokens: true };
  });
};
