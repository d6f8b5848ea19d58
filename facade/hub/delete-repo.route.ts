import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { requireUser } from '../../src/domain/actor.ts';
import { parseNamedRepo, RepoName } from '../wire/repo-body.ts';

/** DELETE /api/repos/delete with a body: huggingface_hub `delete_repo`. */
export const deleteRepoRoute: FastifyPluginAsyncZod = async (app) => {
  app.delete(
    '/api/repos/delete',
    { schema: { summary: 'Delete a repository', tags: ['repositories'], body: RepoName } },
    async (request) => {
      const { services, actor } = request.scope;
      const { type, namespace, name } = parseNamedRepo(request.body);
      const ref = { type, namespace: namespace ?? requireUser(actor).name, name };
      await services.repos.delete(actor, ref);
      return { success: true, message: `Repository ${ref.namespace}/${ref.name} deleted` };
    },
  );
};
