import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { ORG_ROLES } from '../../src/domain/org/membership.entity.ts';
import { ORG_SPELLINGS, OrgPath } from './org-paths.ts';
import { done, shortText } from './schemas.ts';

/** POST /org/{name}/members: brings a user into an organisation (specification: add member). */
export const addOrgMemberRoute: FastifyPluginAsyncZod = async (app) => {
  for (const prefix of ORG_SPELLINGS) {
    app.post(
      `${prefix}/:name/members`,
      {
        schema: {
          summary: 'Add a member to an organization',
          tags: ['organizations'],
          params: OrgPath,
          body: z.object({ username: shortText, role: z.enum(ORG_ROLES) }),
          response: { 200: done },
        },
      },
      async (request) => {
        const { services, actor } = request.scope;
        const { username, role } = request.body;
        await services.orgs.addMember(actor, request.params.name, username, role);
        return { success: true as const, message: 'Member added successfully' };
      },
    );
  }
};
