import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { ORG_ROLES } from '../../src/domain/org/membership.entity.ts';
import { tokenPath } from './invitation-wire.ts';
import { done } from './schemas.ts';

/** POST /api/invitations/{token}/accept: joins the organisation (specification: accept invitation). */
export const acceptInvitationRoute: FastifyPluginAsyncZod = async (app) => {
  app.post(
    '/api/invitations/:token/accept',
    {
      schema: {
        summary: 'Accept an invitation',
        tags: ['invitations'],
        params: tokenPath,
        response: { 200: done.extend({ org_name: z.string(), role: z.enum(ORG_ROLES) }) },
      },
    },
    async (request) => {
      const { services, actor } = request.scope;
      const { orgName, role } = await services.invitationUses.accept(actor, request.params.token);
      const message = `You joined ${orgName} as ${role}`;
      return { success: true as const, message, org_name: orgName, role };
    },
  );
};
