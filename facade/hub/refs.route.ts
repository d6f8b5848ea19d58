import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { presentRef } from '../wire/commit-presenter.ts';
import { queryBoolean } from '../wire/parse.ts';
import { repoRef } from '../wire/repo-params.ts';
import { API_REPO, RepoPath } from './repo-paths.ts';

const Query = z.object({ include_prs: queryBoolean.default(false) });

/** GET refs: huggingface_hub `list_repo_refs`. */
export const refsRoute: FastifyPluginAsyncZod = async (app) => {
  app.get(
    `${API_REPO}/refs`,
    { schema: { summary: 'List branches and tags', tags: ['refs'], params: RepoPath, querystring: Query } },
    async (request) => {
      const { services, actor } = request.scope;
      const refs = await services.refs.list(actor, repoRef(request.params));
      return {
        branches: refs.branches.map(presentRef),
        converts: refs.converts.map(presentRef),
        tags: refs.tags.map(presentRef),
        ...(request.query.include_prs && { pullRequests: refs.pullRequests.map(presentRef) }),
      };
    },
  );
};
