import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { ADMIN_REPO_SORTS, type AdminRepo } from '../../src/domain/admin/admin-repo.queries.ts';
import { REPO_TYPES } from '../../src/domain/repo/repo.entity.ts';
import { wireDate } from '../wire/dates.ts';
import { nextLink } from '../wire/link-header.ts';
import { queryBoolean } from '../wire/parse.ts';
import { adminPage, bytes, limitBytes, reasonBody, search, tags } from './admin-wire.ts';
import { done, wireDateSchema } from './schemas.ts';

const Path = z.object({ type: z.enum(REPO_TYPES), namespace: z.string(), name: z.string() });
const URL = '/api/admin/repositories/:type/:namespace/:name';

const Repo = z.object({
  id: z.int(),
  repo_id: z.string(),
  repo_type: z.enum(REPO_TYPES),
  private: z.boolean(),
  gated: z.boolean(),
  disabled: z.boolean(),
  used_bytes: bytes,
  quota_bytes: limitBytes.describe('null: that of the namespace'),
  created_at: wireDateSchema,
  last_modified: wireDateSchema,
});

/** /api/admin/repositories: repositories of everybody, for administrators of the site. */
export const adminReposRoute: FastifyPluginAsyncZod = async (app) => {
  app.get(
    '/api/admin/repositories',
    {
      schema: {
        summary: 'Repositories, newest or largest first',
        tags,
        querystring: z.object({
          search: search.describe('A part of `namespace/name`, in any case of letters'),
          type: z.enum(REPO_TYPES).optional(),
          namespace: z.string().optional(),
          private: queryBoolean.optional(),
          disabled: queryBoolean.optional(),
          sort: z.enum(ADMIN_REPO_SORTS).default('created').describe('used: most bytes first'),
          ...adminPage,
        }),
        response: { 200: z.object({ repositories: z.array(Repo) }) },
      },
    },
    async (request, reply) => {
      const { services, actor, config } = request.scope;
      const { type, namespace, private: isPrivate, disabled, ...query } = request.query;
      const page = await services.adminRepos.list(actor, {
        ...query,
        type: type ?? null,
        namespace: namespace ?? null,
        isPrivate: isPrivate ?? null,
        isDisabled: disabled ?? null,
      });
      reply.headers(nextLink(config.baseUrl, request.url, page.nextCursor));
      return { repositories: page.items.map(present) };
    },
  );
  for (const act of ['disable', 'enable'] as const) {
    const summary = act === 'disable' ? 'Shut a repository' : 'Open a repository again';
    app.post(
      `${URL}/${act}`,
      { schema: { summary, tags, params: Path, body: reasonBody, response: { 200: done } } },
      async ({ scope: { services, actor }, params, body }) => {
        const verdict = { isDisabled: act === 'disable', reason: body?.reason };
        await services.adminRepos.setDisabled(actor, params, verdict);
        return { success: true as const, message: `Repository ${act}d` };
      },
    );
  }
  app.delete(
    URL,
    { schema: { summary: 'Delete a repository', tags, params: Path, response: { 200: done } } },
    async ({ scope: { services, actor }, params }) => {
      await services.adminRepos.delete(actor, params);
      return { success: true as const, message: 'Repository deleted' };
    },
  );
};

function present(repo: AdminRepo): z.output<typeof Repo> {
  return {
    id: repo.id,
    repo_id: `${repo.namespace}/${repo.name}`,
    repo_type: repo.type,
    private: repo.isPrivate,
    gated: repo.isGated,
    disabled: repo.isDisabled,
    used_bytes: repo.usedBytes,
    quota_bytes: repo.quotaBytes,
    created_at: wireDate(repo.createdAt),
    last_modified: wireDate(repo.lastModifiedAt),
  };
}
