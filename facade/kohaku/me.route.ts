import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { wireDate } from '../wire/dates.ts';
import { wireDateSchema } from './schemas.ts';

/** GET /api/auth/me: the caller's account (specification: me). */
export const meRoute: FastifyPluginAsyncZod = async (app) => {
  app.get(
    '/api/auth/me',
    {
      schema: {
        summary: 'Get current user info',
        tags: ['auth'],
        response: {
          200: z.object({
            id: z.int(),
            username: z.string(),
            email: z.string().nullable(),
            email_verified: z.boolean(),
            created_at: wireDateSchema,
          }),
        },
      },
    },
    async (request) => {
      const account = await request.scope.services.accounts.own(request.scope.actor);
      return {
        id: account.id,
        username: account.name,
        email: account.email,
        email_verified: account.isEmailVerified,
        created_at: wireDate(account.createdAt),
      };
    },
  );
};
