import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { BadRequest } from '../../src/domain/errors.ts';
import { VISIBILITIES } from '../../src/domain/repo/repo-settings.ts';
import { repoUrl } from '../../src/domain/repo/repo-ref.ts';
import { parseRepoPath } from '../../src/git/path.ts';
import { decodeBase64 } from '../../src/lib/base64.ts';
import { wireId } from '../wire/repo-presenter.ts';
import { parseNamedRepo, RepoName, visibilityOf } from '../wire/repo-body.ts';

const Body = RepoName.extend({
  visibility: z.enum(VISIBILITIES).nullish(),
  private: z.boolean().nullish().describe('Older clients send this instead of `visibility`; it wins'),
  sdk: z.string().nullish().describe('Of a space'),
  license: z.string().max(100).nullish().describe('Goes into the card'),
  files: z
    .array(
      z.object({ path: z.string(), content: z.string(), encoding: z.enum(['base64', 'utf-8']).nullish() }),
    )
    .nullish()
    .describe('A few small files for the initial commit'),
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
      const { sdk = null, license = null } = request.body;
      const files = request.body.files?.map(parseFile) ?? [];
      const wanted = { type, namespace, name, visibility, sdk, license, files };
      const repo = await services.repos.create(actor, wanted);
      return {
        url: repoUrl(config.baseUrl, repo),
        name: repo.fullName,
        id: wireId(repo.id),
        repo_id: repo.fullName,
      };
    },
  );
};

type WireFile = NonNullable<z.output<typeof Body>['files']>[number];

function parseFile({ path, content, encoding }: WireFile) {
  const bytes = encoding === 'base64' ? decodeBase64(content) : Buffer.from(content);
  if (!bytes) throw new BadRequest(`The content of "${path.slice(0, 200)}" is not base64.`);
  return { path: parseRepoPath(path), bytes };
}
