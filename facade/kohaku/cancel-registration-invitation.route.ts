import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { invitationIdPath } from './invitation-wire.ts';
import { done } from './schemas.ts';

/** DELETE /api/invitations/register/{id}: ends an invitation to make an account, for administrators of the site. */
export const cancelRegistrationInvitationRoute: FastifyPluginAsyncZod = async (app) => {
  app.delete(
    '/api/invitations/register/:id',
    {
      schema: {
        summary: 'Cancel an invitation to make an account',
        tags: ['invitations'],
        params: invitationIdPath,
        response: { 200: done },
      },
    },
    async (request) => {
      const { services, actor } = request.scope;
      await services.invitations.cancelForRegistration(actor, request.params.id);
      return { success: true as const, message: 'Invitation cancelled' };
    },
  );
};
