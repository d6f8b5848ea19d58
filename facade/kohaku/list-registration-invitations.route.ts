import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { nextLink } from '../wire/link-header.ts';
import { invitationListSchema, invitationPageQuery, presentInvitations } from './invitation-wire.ts';

/** GET /api/invitations/register/list: invitations to make an account, newest first, for administrators of the site. */
export const listRegistrationInvitationsRoute: FastifyPluginAsyncZod = async (app) => {
  app.get(
    '/api/invitations/register/list',
    {
      schema: {
        summary: 'Invitations to make an account',
        tags: ['invitations'],
        querystring: invitationPageQuery,
        response: { 200: invitationListSchema },
      },
    },
    async (request, reply) => {
      const { services, actor, config } = request.scope;
      const page = await services.invitations.listForRegistration(actor, request.query);
      reply.headers(nextLink(config.baseUrl, request.url, page.nextCursor));
      return presentInvitations(page.items);
    },
  );
};
