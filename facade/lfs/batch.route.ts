import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { repoRef } from '../wire/repo-params.ts';
import { BatchBody, batchRequest, LFS_MEDIA_TYPE, presentBatch } from './lfs-wire.ts';
import { LFS_REPO_PATHS } from './paths.ts';

/** POST …/info/lfs/objects/batch: what is here, what is missing, and where to transfer it. */
export const batchRoute: FastifyPluginAsyncZod = async (app) => {
  for (const { path, params } of LFS_REPO_PATHS) {
    app.post(
      `${path}/info/lfs/objects/batch`,
      { schema: { summary: 'LFS batch', tags: ['lfs'], params, body: BatchBody } },
      async (request, reply) => {
        const { actor, services } = request.scope;
        const answer = await services.lfsBatch.batch(actor, repoRef(request.params), {
          ...batchRequest(request.body),
          address: request.ip,
        });
        return reply.type(LFS_MEDIA_TYPE).send(JSON.stringify(presentBatch(answer)));
      },
    );
  }
};
