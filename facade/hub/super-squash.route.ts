import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { repoRef } from '../wire/repo-params.ts';
import { API_REPO, RepoRestPath } from './repo-paths.ts';

const Body = z.object({ message: z.string().nullish(), expected_head: z.string().nullish() }).nullish();

/** POST super-squash/{branch}: huggingface_hub `super_squash_history`, also for `refs/pr/N`. */
export const superSquashRoute: FastifyPluginAsyncZod = async (app) => {
  app.post(
    `${API_REPO}/super-squash/*`,
    {
      schema: { summary: 'Make one commit of a branch', tags: ['history'], params: RepoRestPath, body: Body },
    },
    async (request) => {
      const { services, actor } = request.scope;
      const { message = null, expected_head = null } = request.body ?? {};
      const options = { message, expectedHead: expected_head };
      const branch = request.params['*'];
      const { commitOid } = await services.branches.superSquash(
        actor,
        repoRef(request.params),
        branch,
        options,
      );
      return { success: true, commitOid };
    },
  );
};
