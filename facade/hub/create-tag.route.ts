import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { repoRef } from '../wire/repo-params.ts';
import { REPO_SPELLINGS, RepoPath, RepoRestPath } from './repo-paths.ts';

const Body = z.object({ tag: z.string(), message: z.string().nullish() });
const NamedBody = Body.extend({ revision: z.string().min(1).nullish() });

/** POST tag/{revision}: huggingface_hub `create_tag`; POST tag with the revision in the body, as the specification has it. */
export const createTagRoute: FastifyPluginAsyncZod = async (app) => {
  const summary = { summary: 'Create a tag', tags: ['refs'] };
  for (const repoPath of REPO_SPELLINGS) {
    app.post(
      `${repoPath}/tag/*`,
      { schema: { ...summary, params: RepoRestPath, body: Body } },
      async (request) => {
        const { services, actor } = request.scope;
        const { tag: name, message = null } = request.body;
        const tag = { name, revision: request.params['*'], message };
        await services.refs.createTag(actor, repoRef(request.params), tag);
        return { success: true, message: `Tag ${name} created` };
      },
    );
    app.post(
      `${repoPath}/tag`,
      { schema: { ...summary, params: RepoPath, body: NamedBody } },
      async (request) => {
        const { services, actor } = request.scope;
        const { tag: name, revision, message = null } = request.body;
        const tag = { name, revision: revision ?? 'main', message };
        await services.refs.createTag(actor, repoRef(request.params), tag);
        return { success: true, message: `Tag ${name} created` };
      },
    );
  }
};
