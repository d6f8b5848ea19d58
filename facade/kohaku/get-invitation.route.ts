import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { invitationDetailsSchema, presentDetails, tokenPath } from './invitation-wire.ts';

/** GET /api/invitations/{token}: what whoever has the link may know (specification: invitation details). */
export const getInvitationRoute: FastifyPluginAsyncZod = async (app) => {
  app.get(
    '/api/invitations/:token',
    {
      schema: {
        summary: 'An invitation',
        tags: ['invitations'],
        params: tokenPath,
        response: { 200: invitationDetailsSchema },
      },
    },
    async (request) => presentDetails(await request.scope.services.invitations.details(request.params.token)),
  );
};
