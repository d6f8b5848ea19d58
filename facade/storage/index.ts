import type { FastifyPluginAsync } from 'fastify';
import { downloadRoute } from './download.route.ts';
import { uploadRoute } from './upload.route.ts';

/** Serves the object store's signed URLs, where the store has no server of its own. */
export const storageDoor: FastifyPluginAsync = async (app) => {
  await app.register(downloadRoute);
  await app.register(uploadRoute);
};
