import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { shortText } from './schemas.ts';

const INVALID = '/?error=invalid_token&message=Invalid+or+expired+confirmation+link';

/** GET /api/auth/change-email: the link of the mail to a new address; leads to the user's page. */
export const changeEmailRoute: FastifyPluginAsyncZod = async (app) => {
  app.get(
    '/api/auth/change-email',
    {
      schema: {
        summary: 'Confirm a new e-mail address',
        tags: ['auth'],
        querystring: z.object({ token: shortText }),
        response: { 302: z.null().describe('To the page of the user, or to / with an error') },
      },
    },
    async (request, reply) => {
      const username = await request.scope.services.emailChanges.confirm(request.query.token);
      return reply.redirect(username === null ? INVALID : `/${encodeURIComponent(username)}`);
    },
  );
};
