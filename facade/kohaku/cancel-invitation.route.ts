import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { tokenPath } from './invitation-wire.ts';
import { done } from './schemas.ts';

/** DELETE /api/invitations/{token}: ends an invitation (specification: cancel invitation). */
export const cancelInvitationRoute: FastifyPluginAsyncZod = async (app) => {
  app.delete(
    '/api/invitations/:token',
    {
      schema: {
        summary: 'Cancel an invitation',
        tags: ['invitations'],
        params: tokenPath,
        response: { 200: done },
      },
    },
    async (request) => {
      const { services, actor } = request.scope;
      await services.invitations.cancel(actor, request.params.token);
      return { success: true as const, message: 'Invitation cancelled' };
    },
  );
};
