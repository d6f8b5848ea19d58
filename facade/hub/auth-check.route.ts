import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { repoRef } from '../wire/repo-params.ts';
import { API_REPO, RepoPath } from './repo-paths.ts';

/** GET auth-check and auth-check/write: huggingface_hub `auth_check`. Clients read only the status. */
export const authCheckRoute: FastifyPluginAsyncZod = async (app) => {
  const rights = { 'auth-check': 'read', 'auth-check/write': 'write' } as const;
  for (const [path, right] of Object.entries(rights)) {
    app.get(
      `${API_REPO}/${path}`,
      {
        schema: {
          summary: `Whether the caller may ${right} the files`,
          tags: ['repositories'],
          params: RepoPath,
        },
      },
      async (request) => {
        const { services, actor } = request.scope;
        await services.repos.authCheck(actor, repoRef(request.params), right);
        return {};
      },
    );
  }
};
