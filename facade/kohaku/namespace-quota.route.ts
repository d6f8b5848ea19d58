import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { NewLimits } from '../../src/domain/quota/quota.queries.ts';
import { wireDate } from '../wire/dates.ts';
import { namespaceQuotaSchema, percentage, presentNamespaceQuota, presentRoom } from './quota-wire.ts';

const Params = z.object({ namespace: z.string() });
const tags = ['quotas'];

const Body = z.object({
  quota_bytes: z
    .number()
    .nullish()
    .describe('Both limits together, half for private and half for public repositories; null: no limits'),
  private_quota_bytes: z.number().nullish(),
  public_quota_bytes: z.number().nullish(),
});

/** /api/quota/{namespace}: limits and use of storage (specification: quota management). */
export const namespaceQuotaRoute: FastifyPluginAsyncZod = async (app) => {
  app.get(
    '/api/quota/:namespace',
    {
      schema: {
        summary: 'Storage of a namespace',
        tags,
        params: Params,
        response: { 200: namespaceQuotaSchema },
      },
    },
    async (request) => {
      const { services, actor } = request.scope;
      return presentNamespaceQuota(await services.quotas.view(actor, request.params.namespace));
    },
  );
  app.put(
    '/api/quota/:namespace',
    {
      schema: {
        summary: 'Set the limits of a namespace: administrators of the hub only',
        tags,
        params: Params,
        body: Body,
        response: { 200: namespaceQuotaSchema },
      },
    },
    async (request) => {
      const { services, actor } = request.scope;
      const limits = limitsOf(request.body);
      return presentNamespaceQuota(await services.quotas.setLimits(actor, request.params.namespace, limits));
    },
  );
  app.post(
    '/api/quota/:namespace/recalculate',
    {
      schema: {
        summary: 'Count anew what a namespace holds',
        tags,
        params: Params,
        response: { 200: namespaceQuotaSchema },
      },
    },
    async (request) => {
      const { services, actor } = request.scope;
      return presentNamespaceQuota(await services.quotas.recount(actor, request.params.namespace));
    },
  );
  app.get(
    '/api/quota/:namespace/public',
    { schema: { summary: 'Storage of a namespace, as far as the caller may know', tags, params: Params } },
    async (request) => {
      const { services, actor } = request.scope;
      const { usage, seesPrivate } = await services.quotas.publicView(actor, request.params.namespace);
      const ofPublic = presentRoom(usage.publicUsedBytes, usage.publicQuotaBytes);
      const ofPrivate = seesPrivate ? presentRoom(usage.privateUsedBytes, usage.privateQuotaBytes) : null;
      return {
        namespace: usage.name,
        is_organization: usage.kind === 'org',
        public_quota_bytes: ofPublic.quota_bytes,
        public_used_bytes: ofPublic.used_bytes,
        public_available_bytes: ofPublic.available_bytes,
        public_percentage_used: ofPublic.percentage_used,
        private_quota_bytes: ofPrivate?.quota_bytes ?? null,
        private_used_bytes: ofPrivate?.used_bytes ?? null,
        private_available_bytes: ofPrivate?.available_bytes ?? null,
        private_percentage_used: ofPrivate?.percentage_used ?? null,
        total_used_bytes: ofPublic.used_bytes + (ofPrivate?.used_bytes ?? 0),
        can_see_private: seesPrivate,
      };
    },
  );
  app.get(
    '/api/quota/:namespace/repos',
    { schema: { summary: 'The largest repositories of a namespace', tags, params: Params } },
    async (request) => {
      const { services, actor } = request.scope;
      const { usage, repos, total } = await services.quotas.repos(actor, request.params.namespace);
      return {
        namespace: usage.name,
        is_organization: usage.kind === 'org',
        total_repos: total,
        repositories: repos.map((repo) => ({
          repo_id: `${usage.name}/${repo.name}`,
          repo_type: repo.type,
          name: repo.name,
          private: repo.isPrivate,
          quota_bytes: repo.quotaBytes,
          used_bytes: repo.usedBytes,
          percentage_used: percentage(
            repo.usedBytes,
            repo.quotaBytes ?? (repo.isPrivate ? usage.privateQuotaBytes : usage.publicQuotaBytes),
          ),
          is_inheriting: repo.quotaBytes === null,
          created_at: wireDate(repo.createdAt),
        })),
      };
    },
  );
};

function limitsOf({ quota_bytes: both, ...each }: z.output<typeof Body>): NewLimits {
  const halves =
    both == null
      ? { privateQuotaBytes: both, publicQuotaBytes: both }
      : { privateQuotaBytes: Math.floor(both / 2), publicQuotaBytes: Math.ceil(both / 2) };
  return {
    privateQuotaBytes:
      each.private_quota_bytes === undefined ? halves.privateQuotaBytes : each.private_quota_bytes,
    publicQuotaBytes:
      each.public_quota_bytes === undefined ? halves.publicQuotaBytes : each.public_quota_bytes,
  };
}
