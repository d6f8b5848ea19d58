import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { ORG_SPELLINGS, OrgMemberPath } from './org-paths.ts';
import { done } from './schemas.ts';

/** DELETE /org/{name}/members/{username}: removes a member, or lets the caller leave (specification: remove member). */
export const removeOrgMemberRoute: FastifyPluginAsyncZod = async (app) => {
  for (const prefix of ORG_SPELLINGS) {
    app.delete(
      `${prefix}/:name/members/:username`,
      {
        schema: {
          summary: 'Remove a member from an organization',
          tags: ['organizations'],
          params: OrgMemberPath,
          response: { 200: done },
        },
      },
      async (request) => {
        const { services, actor } = request.scope;
        await services.orgs.removeMember(actor, request.params.name, request.params.username);
        return { success: true as const, message: 'Member removed successfully' };
      },
    );
  }
};
