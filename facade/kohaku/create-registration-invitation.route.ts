import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { ORG_ROLES } from '../../src/domain/org/membership.entity.ts';
import { createdInvitationSchema, parseTerms, presentCreated, termsBody } from './invitation-wire.ts';
import { shortText } from './schemas.ts';

const Body = termsBody.extend({
  org_name: shortText.nullish().describe('The new account joins this organization'),
  role: z.enum(ORG_ROLES).default('member').describe('In that organization'),
});

/** POST /api/invitations/register/create: lets people make an account, for administrators of the site. */
export const createRegistrationInvitationRoute: FastifyPluginAsyncZod = async (app) => {
  app.post(
    '/api/invitations/register/create',
    {
      schema: {
        summary: 'Invite people to make an account',
        tags: ['invitations'],
        body: Body,
        response: { 200: createdInvitationSchema },
      },
    },
    async (request) => {
      const { services, actor } = request.scope;
      const { org_name: name, role } = request.body;
      const input = { ...parseTerms(request.body), org: name ? { name, role } : null };
      return presentCreated(await services.invitations.createForRegistration(actor, input));
    },
  );
};
