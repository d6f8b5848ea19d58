import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { repoRef } from '../wire/repo-params.ts';
import { REPO_SPELLINGS, RepoRestPath } from './repo-paths.ts';

/** DELETE tag/{tag}: huggingface_hub `delete_tag`. */
export const deleteTagRoute: FastifyPluginAsyncZod = async (app) => {
  for (const repoPath of REPO_SPELLINGS) {
    app.delete(
      `${repoPath}/tag/*`,
      { schema: { summary: 'Delete a tag', tags: ['refs'], params: RepoRestPath } },
      async (request) => {
        const { services, actor } = request.scope;
        const { '*': tag } = request.params;
        await services.refs.deleteTag(actor, repoRef(request.params), tag);
        return { success: true, message: `Tag ${tag} deleted` };
      },
    );
  }
};
