import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { invitationIdPath } from './invitation-wire.ts';
import { OrgPath } from './org-paths.ts';
import { done } from './schemas.ts';

/** DELETE /api/invitations/org/{name}/{id}: ends an invitation of the list, whose link nobody may have at hand. */
export const cancelOrgInvitationRoute: FastifyPluginAsyncZod = async (app) => {
  app.delete(
    '/api/invitations/org/:name/:id',
    {
      schema: {
        summary: 'Cancel an invitation into an organization',
        tags: ['invitations'],
        params: OrgPath.extend(invitationIdPath.shape),
        response: { 200: done },
      },
    },
    async (request) => {
      const { services, actor } = request.scope;
      await services.invitations.cancelForOrg(actor, request.params.name, request.params.id);
      return { success: true as const, message: 'Invitation cancelled' };
    },
  );
};
