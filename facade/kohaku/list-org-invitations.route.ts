import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { nextLink } from '../wire/link-header.ts';
import { invitationListSchema, invitationPageQuery, presentInvitations } from './invitation-wire.ts';
import { OrgPath } from './org-paths.ts';

/** GET /api/invitations/org/{name}/list: invitations into an organisation, newest first (specification: list invitations). */
export const listOrgInvitationsRoute: FastifyPluginAsyncZod = async (app) => {
  app.get(
    '/api/invitations/org/:name/list',
    {
      schema: {
        summary: 'Invitations into an organization',
        tags: ['invitations'],
        params: OrgPath,
        querystring: invitationPageQuery,
        response: { 200: invitationListSchema },
      },
    },
    async (request, reply) => {
      const { services, actor, config } = request.scope;
      const page = await services.invitations.listForOrg(actor, request.params.name, request.query);
      reply.headers(nextLink(config.baseUrl, request.url, page.nextCursor));
      return presentInvitations(page.items);
    },
  );
};
