import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { repoRef } from '../wire/repo-params.ts';
import { REPO_SPELLINGS, RepoPath } from './repo-paths.ts';

const Params = RepoPath.extend({
  source: z.string().min(1).describe('Any revision; slashes as %2F'),
  destination: z.string().min(1).describe('A branch; slashes as %2F'),
});
const Body = z
  .object({
    message: z.string().nullish(),
    strategy: z
      .enum(['dest-wins', 'source-wins'])
      .nullish()
      .describe('Whose version of a file is taken when both changed it; else that is a conflict'),
    squash_merge: z.boolean().default(false).describe('The new commit does not name the source as a parent'),
    expected_head: z
      .string()
      .nullish()
      .describe('Refused with 412 when the destination is not at this commit'),
  })
  .nullish();

const FAVOR = { 'dest-wins': 'ours', 'source-wins': 'theirs' } as const;

/** POST merge/{source}/into/{destination}, as the existing hub has it. */
export const mergeRoute: FastifyPluginAsyncZod = async (app) => {
  for (const repoPath of REPO_SPELLINGS) {
    app.post(
      `${repoPath}/merge/:source/into/:destination`,
      {
        schema: { summary: 'Merge a revision into a branch', tags: ['history'], params: Params, body: Body },
      },
      async (request) => {
        const { services, actor } = request.scope;
        const { source, destination } = request.params;
        const { message = null, strategy, squash_merge = false, expected_head = null } = request.body ?? {};
        const { commitOid, isNew } = await services.branches.merge(actor, repoRef(request.params), {
          source,
          destination,
          message,
          favor: strategy ? FAVOR[strategy] : 'none',
          isSquashed: squash_merge,
          expectedHead: expected_head,
        });
        const text = isNew ? `Merged ${source} into ${destination}` : `${destination} has ${source} already`;
        return { success: true, message: text, result: { reference: commitOid } };
      },
    );
  }
};
