import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { repoRef } from '../wire/repo-params.ts';
import { GIT_REPO_PATHS } from './git-paths.ts';

/** GET …/HEAD: which branch is the default one, as a file of a repository says it. */
export const headRoute: FastifyPluginAsyncZod = async (app) => {
  for (const { path, params } of GIT_REPO_PATHS) {
    app.get(
      `${path}/HEAD`,
      { schema: { summary: 'Default branch, for Git clients', tags: ['git'], params } },
      async (request, reply) => {
        const { actor, services } = request.scope;
        const head = await services.gitReads.readHead(actor, repoRef(request.params));
        return reply.type('text/plain; charset=utf-8').send(head);
      },
    );
  }
};
