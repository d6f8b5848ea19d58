import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { NotImplemented } from '../../src/domain/errors.ts';
import { repoRef } from '../wire/repo-params.ts';
import { REPO_SPELLINGS, RepoPath, RepoRestPath } from './repo-paths.ts';

const Body = z
  .object({
    startingPoint: z.string().min(1).nullish(),
    emptyBranch: z.boolean().nullish().describe('huggingface.js may ask for a branch without commits'),
  })
  .nullish();
const NamedBody = z.object({ branch: z.string(), revision: z.string().min(1).nullish() });

/** POST branch/{branch}: huggingface_hub `create_branch`; POST branch with the name in the body, as the specification has it. */
export const createBranchRoute: FastifyPluginAsyncZod = async (app) => {
  const summary = { summary: 'Create a branch', tags: ['refs'] };
  for (const repoPath of REPO_SPELLINGS) {
    app.post(
      `${repoPath}/branch/*`,
      { schema: { ...summary, params: RepoRestPath, body: Body } },
      async (request) => {
        const { services, actor } = request.scope;
        const { '*': branch } = request.params;
        const startingPoint = request.body?.startingPoint ?? null;
        if (request.body?.emptyBranch) throw new NotImplemented('A branch starts at a commit here.');
        await services.refs.createBranch(actor, repoRef(request.params), branch, startingPoint);
        return { success: true, message: `Branch ${branch} created` };
      },
    );
    app.post(
      `${repoPath}/branch`,
      { schema: { ...summary, params: RepoPath, body: NamedBody } },
      async (request) => {
        const { services, actor } = request.scope;
        const { branch, revision } = request.body;
        await services.refs.createBranch(actor, repoRef(request.params), branch, revision ?? null);
        return { success: true, message: `Branch ${branch} created` };
      },
    );
  }
};
