import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { VISIBILITIES } from '../../src/domain/repo/repo-settings.ts';
import { repoUrl } from '../../src/domain/repo/repo-ref.ts';
import { wireId } from '../wire/repo-presenter.ts';
import { parseNamedRepo, RepoName, visibilityOf } from '../wire/repo-body.ts';

const Body = RepoName.extend({
  visibility: z.enum(VISIBILITIES).nullish(),
  private: z.boolean().nullish().describe('Older clients send this instead of `visibility`; it wins'),
  sdk: z.string().nullish().describe('Of a space'),
});

/** POST /api/repos/create: huggingface_hub `create_repo`. 409 carries the `url` of the repository that has the name. */
export const createRepoRoute: FastifyPluginAsyncZod = async (app) => {
  app.post(
    '/api/repos/create',
    { schema: { summary: 'Create a repository', tags: ['repositories'], body: Body } },
    async (request) => {
      const { services, actor, config } = request.scope;
      const { type, namespace, name } = parseNamedRepo(request.body);
      const visibility = visibilityOf(request.body) ?? null;
      const sdk = request.body.sdk ?? null;
      const repo = await services.repos.create(actor, { type, namespace, name, visibility, sdk });
      return {
        url: repoUrl(config.baseUrl, repo),
        name: repo.fullName,
        id: wireId(repo.id),
        repo_id: repo.fullName,
      };
    },
  );
};
