import type { FastifyPluginAsync } from 'fastify';
import { chunksRoute } from './chunks.route.ts';
import { fetchFileRoute } from './fetch-file.route.ts';
import { fetchXorbRoute } from './fetch-xorb.route.ts';
import { reconstructionsRoute } from './reconstructions.route.ts';
import { shardsRoute } from './shards.route.ts';
import { xorbsRoute } from './xorbs.route.ts';

/** The content-addressed store of Xet. Bodies are bytes of any type, and tokens are its own. */
export const xetDoor: FastifyPluginAsync = async (app) => {
  app.removeAllContentTypeParsers();
  // Routes that take a body read the request's stream themselves.
  app.addContentTypeParser('*', async () => undefined);
  app.addHook('onRoute', (route) => {
    route.config = { ...route.config, hasOwnTokens: true };
  });
  await app.register(xorbsRoute);
  await app.register(shardsRoute);
  await app.register(reconstructionsRoute);
  await app.register(chunksRoute);
  await app.register(fetchXorbRoute);
  await app.register(fetchFileRoute);
};
