import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { REPO_TYPES } from '../../src/domain/repo/repo.entity.ts';
import { presentRepoQuota, repoQuotaSchema } from './quota-wire.ts';

const Params = z.object({ type: z.enum(REPO_TYPES), namespace: z.string(), name: z.string() });
const tags = ['quotas'];
const response = { 200: repoQuotaSchema };
const URL = '/api/quota/repo/:type/:namespace/:name';

/** /api/quota/repo/{type}/{namespace}/{name}: limit and use of a repository (specification: quota management). */
export const repoQuotaRoute: FastifyPluginAsyncZod = async (app) => {
  app.get(
    URL,
    { schema: { summary: 'Storage of a repository', tags, params: Params, response } },
    async (request) => {
      const { services, actor } = request.scope;
      return presentRepoQuota(await services.quotas.repo(actor, request.params));
    },
  );
  app.put(
    URL,
    {
      schema: {
        summary: 'Give a repository a limit of its own',
        tags,
        params: Params,
        body: z.object({ quota_bytes: z.number().nullable().describe('null: that of the namespace') }),
        response,
      },
    },
    async (request) => {
      const { services, actor } = request.scope;
      const { quota_bytes: quotaBytes } = request.body;
      return presentRepoQuota(await services.quotas.setRepoLimit(actor, request.params, quotaBytes));
    },
  );
  app.post(
    `${URL}/recalculate`,
    { schema: { summary: 'Count anew what a repository holds', tags, params: Params, response } },
    async (request) => {
      const { services, actor } = request.scope;
      return presentRepoQuota(await services.quotas.recountRepo(actor, request.params));
    },
  );
};
