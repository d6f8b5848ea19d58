import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { ORG_ROLES } from '../../src/domain/org/membership.entity.ts';
import { nextLink } from '../wire/link-header.ts';
import { ORG_SPELLINGS, PageQuery } from './org-paths.ts';

const Org = z.object({ name: z.string(), description: z.string().nullable(), role: z.enum(ORG_ROLES) });

/** GET /org/users/{username}/orgs: organisations of a user, by name (specification: list user's organizations). */
export const userOrgsRoute: FastifyPluginAsyncZod = async (app) => {
  for (const prefix of ORG_SPELLINGS) {
    app.get(
      `${prefix}/users/:username/orgs`,
      {
        schema: {
          summary: 'Organizations of a user',
          tags: ['organizations'],
          params: z.object({ username: z.string() }),
          querystring: PageQuery,
          response: { 200: z.object({ organizations: z.array(Org) }) },
        },
      },
      async (request, reply) => {
        const { services, config } = request.scope;
        const page = await services.orgInfo.orgsOf(request.params.username, request.query);
        reply.headers(nextLink(config.baseUrl, request.url, page.nextCursor));
        return {
          organizations: page.items.map(({ name, description, role }) => ({ name, description, role })),
        };
      },
    );
  }
};
