import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { clientOf } from './client.ts';
import { shortText } from './schemas.ts';
import { setSessionCookie } from './session-cookie.ts';

const INVALID = '/?error=invalid_token&message=Invalid+or+expired+verification+token';

/** GET /api/auth/verify-email: the link of the mail; logs in and leads to the user's page (specification: verify-email). */
export const verifyEmailRoute: FastifyPluginAsyncZod = async (app) => {
  app.get(
    '/api/auth/verify-email',
    {
      schema: {
        summary: 'Verify an e-mail address',
        tags: ['auth'],
        querystring: z.object({ token: shortText }),
        response: { 302: z.null().describe('To the page of the user, or to / with an error') },
      },
    },
    async (request, reply) => {
      const { services, actor, config } = request.scope;
      const { token } = request.query;
      const verified = await services.registration.verifyEmail(actor, token, clientOf(request));
      if (!verified) return reply.redirect(INVALID);
      if (verified.session) setSessionCookie(reply, verified.session, config.baseUrl);
      return reply.redirect(`/${encodeURIComponent(verified.username)}`);
    },
  );
};
