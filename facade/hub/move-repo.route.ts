import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { repoUrl } from '../../src/domain/repo/repo-ref.ts';
import { REPO_TYPES } from '../../src/domain/repo/repo.entity.ts';
import { parseRepoId } from '../../src/domain/repo/repo-ref.ts';

const Body = z.object({
  fromRepo: z.string().describe('`namespace/name`'),
  toRepo: z.string().describe('`namespace/name`'),
  type: z.enum(REPO_TYPES).default('model'),
});

/** POST /api/repos/move: huggingface_hub `move_repo`. The old name leads to the new one afterwards. */
export const moveRepoRoute: FastifyPluginAsyncZod = async (app) => {
  app.post(
    '/api/repos/move',
    { schema: { summary: 'Move or rename a repository', tags: ['repositories'], body: Body } },
    async (request) => {
      const { services, actor, config } = request.scope;
      const { type, fromRepo, toRepo } = request.body;
      const from = { type, ...parseRepoId(fromRepo, 'fromRepo') };
      const repo = await services.repos.move(actor, from, parseRepoId(toRepo, 'toRepo'));
      return {
        success: true,
        url: repoUrl(config.baseUrl, repo),
        message: `Repository ${fromRepo} is now called ${repo.fullName}`,
      };
    },
  );
};
