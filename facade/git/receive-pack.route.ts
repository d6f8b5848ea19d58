import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { repoRef } from '../wire/repo-params.ts';
import { discardRest } from '../wire/request-body.ts';
import { GIT_REPO_PATHS } from './git-paths.ts';

/** POST …/git-receive-pack: pushes, which the hub does not take yet. */
export const receivePackRoute: FastifyPluginAsyncZod = async (app) => {
  for (const { path, params } of GIT_REPO_PATHS) {
    app.post(
      `${path}/git-receive-pack`,
      { schema: { summary: 'Push, for Git clients: refused', tags: ['git'], params } },
      async (request) => {
        const { actor, services } = request.scope;
        try {
          return await services.gitReads.refusePush(actor, repoRef(request.params));
        } finally {
          discardRest(request.raw);
        }
      },
    );
  }
};
