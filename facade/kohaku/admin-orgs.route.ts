import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { wireDate } from '../wire/dates.ts';
import { nextLink } from '../wire/link-header.ts';
import { queryBoolean } from '../wire/parse.ts';
import { adminPage, bytes, limitBytes, search, tags } from './admin-wire.ts';
import { OrgPath } from './org-paths.ts';
import { done, shortText, wireDateSchema } from './schemas.ts';

const Org = z.object({
  id: z.int(),
  name: z.string(),
  full_name: z.string().nullable(),
  members: z.int(),
  active_super_admins: z.int(),
  private_quota_bytes: limitBytes,
  public_quota_bytes: limitBytes,
  private_used_bytes: bytes,
  public_used_bytes: bytes,
  created_at: wireDateSchema,
});

/** /api/admin/organizations: organisations, and a new super-admin for those that nobody leads. */
export const adminOrgsRoute: FastifyPluginAsyncZod = async (app) => {
  app.get(
    '/api/admin/organizations',
    {
      schema: {
        summary: 'Organizations, newest first',
        tags,
        querystring: z.object({
          search,
          abandoned: queryBoolean
            .default(false)
            .describe('Only those whose super-admins are gone or suspended'),
          ...adminPage,
        }),
        response: { 200: z.object({ organizations: z.array(Org) }) },
      },
    },
    async (request, reply) => {
      const { services, actor, config } = request.scope;
      const { abandoned: isAbandoned, ...query } = request.query;
      const page = await services.adminOrgs.list(actor, { ...query, isAbandoned });
      reply.headers(nextLink(config.baseUrl, request.url, page.nextCursor));
      return {
        organizations: page.items.map((org) => ({
          id: org.id,
          name: org.name,
          full_name: org.fullName,
          members: org.memberCount,
          active_super_admins: org.activeSuperAdminCount,
          private_quota_bytes: org.privateQuotaBytes,
          public_quota_bytes: org.publicQuotaBytes,
          private_used_bytes: org.privateUsedBytes,
          public_used_bytes: org.publicUsedBytes,
          created_at: wireDate(org.createdAt),
        })),
      };
    },
  );
  app.post(
    '/api/admin/organizations/:name/super-admin',
    {
      schema: {
        summary: 'Give an organization that nobody leads a super-admin',
        tags,
        params: OrgPath,
        body: z.object({ username: shortText }),
        response: { 200: done },
      },
    },
    async ({ scope: { services, actor }, params, body }) => {
      await services.adminOrgs.appoint(actor, params.name, body.username);
      return { success: true as const, message: 'Super-admin appointed' };
    },
  );
};
