import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { ORG_ROLES } from '../../src/domain/org/membership.entity.ts';
import { createdInvitationSchema, parseTerms, presentCreated, termsBody } from './invitation-wire.ts';
import { OrgPath } from './org-paths.ts';

/** POST /api/invitations/org/{name}/create: invites into an organisation (specification: create invitation). */
export const createOrgInvitationRoute: FastifyPluginAsyncZod = async (app) => {
  app.post(
    '/api/invitations/org/:name/create',
    {
      schema: {
        summary: 'Invite into an organization',
        tags: ['invitations'],
        params: OrgPath,
        body: termsBody.extend({ role: z.enum(ORG_ROLES).default('member') }),
        response: { 200: createdInvitationSchema },
      },
    },
    async (request) => {
      const { services, actor } = request.scope;
      const input = { ...parseTerms(request.body), role: request.body.role };
      return presentCreated(await services.invitations.createForOrg(actor, request.params.name, input));
    },
  );
};
