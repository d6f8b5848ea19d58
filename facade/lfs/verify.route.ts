import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { repoRef } from '../wire/repo-params.ts';
import { LFS_MEDIA_TYPE, TokenQuery, VerifyBody } from './lfs-wire.ts';
import { LFS_API_PATHS, LFS_REPO_PATHS } from './paths.ts';

/** POST …/info/lfs/verify: the client says that it has uploaded, the hub checks the bytes. */
export const verifyRoute: FastifyPluginAsyncZod = async (app) => {
  for (const { path, params } of [...LFS_REPO_PATHS, ...LFS_API_PATHS]) {
    app.post(
      `${path}/info/lfs/verify`,
      {
        schema: {
          summary: 'LFS verify',
          tags: ['lfs'],
          params,
          querystring: TokenQuery.partial(),
          body: VerifyBody,
        },
      },
      async (request, reply) => {
        const { actor, services } = request.scope;
        const { oid, size: sizeBytes } = request.body;
        const token = request.query.token ?? null;
        await services.lfsUploads.verify(actor, repoRef(request.params), { oid, sizeBytes, token });
        return reply.type(LFS_MEDIA_TYPE).send(JSON.stringify({ message: 'Object verified successfully' }));
      },
    );
  }
};
