import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { INVITATION_ACTIONS } from '../../src/domain/invitation/invitation.entity.ts';
import { nextLink } from '../wire/link-header.ts';
import { adminPage, tags } from './admin-wire.ts';
import { invitationIdPath, invitationListSchema, presentInvitations } from './invitation-wire.ts';
import { done } from './schemas.ts';

const Query = z.object({ action: z.enum(INVITATION_ACTIONS).optional(), ...adminPage });

/** /api/admin/invitations: all invitations, for administrators of the site. */
export const adminInvitationsRoute: FastifyPluginAsyncZod = async (app) => {
  app.get(
    '/api/admin/invitations',
    {
      schema: {
        summary: 'All invitations, newest first',
        tags,
        querystring: Query,
        response: { 200: invitationListSchema },
      },
    },
    async (request, reply) => {
      const { services, actor, config } = request.scope;
      const { action, ...query } = request.query;
      const page = await services.adminInvitations.list(actor, { ...query, action: action ?? null });
      reply.headers(nextLink(config.baseUrl, request.url, page.nextCursor));
      return presentInvitations(page.items);
    },
  );
  app.delete(
    '/api/admin/invitations/:id',
    {
      schema: { summary: 'Cancel an invitation', tags, params: invitationIdPath, response: { 200: done } },
    },
    async ({ scope: { services, actor }, params }) => {
      await services.adminInvitations.cancel(actor, params.id);
      return { success: true as const, message: 'Invitation cancelled' };
    },
  );
};
