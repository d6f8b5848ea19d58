import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { ORG_ROLES } from '../../src/domain/org/membership.entity.ts';
import { nextLink } from '../wire/link-header.ts';
import { ORG_SPELLINGS, OrgPath, PageQuery } from './org-paths.ts';

const Member = z.object({ user: z.string(), role: z.enum(ORG_ROLES) });

/** GET /org/{name}/members: who belongs to an organisation, by name (specification: list members). */
export const listOrgMembersRoute: FastifyPluginAsyncZod = async (app) => {
  for (const prefix of ORG_SPELLINGS) {
    app.get(
      `${prefix}/:name/members`,
      {
        schema: {
          summary: 'Members of an organization',
          tags: ['organizations'],
          params: OrgPath,
          querystring: PageQuery,
          response: { 200: z.object({ members: z.array(Member) }) },
        },
      },
      async (request, reply) => {
        const { services, config } = request.scope;
        const page = await services.orgInfo.members(request.params.name, request.query);
        reply.headers(nextLink(config.baseUrl, request.url, page.nextCursor));
        return { members: page.items.map(({ name, role }) => ({ user: name, role })) };
      },
    );
  }
};
