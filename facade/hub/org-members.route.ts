import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { nextLink } from '../wire/link-header.ts';
import { Cursor, PageSize } from './repo-paths.ts';

const Member = z.object({
  user: z.string(),
  fullname: z.string(),
  avatarUrl: z.string(),
  isPro: z.boolean(),
  type: z.literal('user'),
});

/** GET /api/organizations/{name}/members: huggingface_hub `list_organization_members`. */
export const orgMembersRoute: FastifyPluginAsyncZod = async (app) => {
  app.get(
    '/api/organizations/:name/members',
    {
      schema: {
        summary: 'Members of an organization, as users',
        tags: ['organizations'],
        params: z.object({ name: z.string() }),
        querystring: z.object({ limit: PageSize.default(100), cursor: Cursor }),
        response: { 200: z.array(Member) },
      },
    },
    async (request, reply) => {
      const { services, config } = request.scope;
      const page = await services.orgInfo.members(request.params.name, request.query);
      reply.headers(nextLink(config.baseUrl, request.url, page.nextCursor));
      return page.items.map(({ name, fullName }) => ({
        user: name,
        fullname: fullName ?? name,
        avatarUrl: `${config.baseUrl}/api/users/${name}/avatar`,
        isPro: false,
        type: 'user' as const,
      }));
    },
  );
};
