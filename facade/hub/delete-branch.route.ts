import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { repoRef } from '../wire/repo-params.ts';
import { REPO_SPELLINGS, RepoRestPath } from './repo-paths.ts';

/** DELETE branch/{branch}: huggingface_hub `delete_branch`. */
export const deleteBranchRoute: FastifyPluginAsyncZod = async (app) => {
  for (const repoPath of REPO_SPELLINGS) {
    app.delete(
      `${repoPath}/branch/*`,
      { schema: { summary: 'Delete a branch', tags: ['refs'], params: RepoRestPath } },
      async (request) => {
        const { services, actor } = request.scope;
        const { '*': branch } = request.params;
        await services.refs.deleteBranch(actor, repoRef(request.params), branch);
        return { success: true, message: `Branch ${branch} deleted` };
      },
    );
  }
};
