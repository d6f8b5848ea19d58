import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { ORG_ROLES } from '../../src/domain/org/membership.entity.ts';
import { ORG_SPELLINGS, OrgMemberPath } from './org-paths.ts';
import { done } from './schemas.ts';

/** PUT /org/{name}/members/{username}: another role for a member (specification: update member role). */
export const changeOrgMemberRoute: FastifyPluginAsyncZod = async (app) => {
  for (const prefix of ORG_SPELLINGS) {
    app.put(
      `${prefix}/:name/members/:username`,
      {
        schema: {
          summary: 'Change the role of a member',
          tags: ['organizations'],
          params: OrgMemberPath,
          body: z.object({ role: z.enum(ORG_ROLES) }),
          response: { 200: done },
        },
      },
      async (request) => {
        const { services, actor } = request.scope;
        const { name, username } = request.params;
        await services.orgs.changeRole(actor, name, username, request.body.role);
        return { success: true as const, message: 'Role changed successfully' };
      },
    );
  }
};
