import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { clientOf } from './client.ts';
import { secretText, shortText } from './schemas.ts';

/** POST /api/auth/register: makes an account (specification: register). */
export const registerRoute: FastifyPluginAsyncZod = async (app) => {
  app.post(
    '/api/auth/register',
    {
      schema: {
        summary: 'Register a new user',
        tags: ['auth'],
        querystring: z.object({
          invitation_token: shortText.optional().describe('Of the link of an invitation'),
        }),
        body: z.object({ username: shortText, email: shortText, password: secretText }),
        response: {
          200: z.object({ success: z.literal(true), message: z.string(), email_verified: z.boolean() }),
        },
      },
    },
    async (request) => {
      const { services } = request.scope;
      const input = { ...request.body, invitationToken: request.query.invitation_token || undefined };
      const { isUsable, isVerified } = await services.registration.register(input, clientOf(request));
      const message = isUsable
        ? 'Account created. You can log in now.'
        : 'Account created. Open the link in the mail that was sent to you, then log in.';
      return { success: true as const, message, email_verified: isVerified };
    },
  );
};
