import type { FastifyPluginAsync } from 'fastify';
import { healthRoute } from './health.route.ts';
import { rootRoute } from './root.route.ts';

/** What operators and newcomers ask first. */
export const opsDoor: FastifyPluginAsync = async (app) => {
  await app.register(rootRoute);
  await app.register(healthRoute);
};
