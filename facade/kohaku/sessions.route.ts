import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { wireDate } from '../wire/dates.ts';
import { done, wireDateSchema } from './schemas.ts';

const Session = z.object({
  id: z.int(),
  user_agent: z.string().nullable(),
  created_at: wireDateSchema,
  expires_at: wireDateSchema,
  is_current: z.boolean(),
});

/** GET and DELETE /api/auth/sessions: where the caller is logged in by browser. */
export const sessionsRoute: FastifyPluginAsyncZod = async (app) => {
  app.get(
    '/api/auth/sessions',
    {
      schema: {
        summary: 'Your logins',
        tags: ['auth'],
        response: { 200: z.object({ sessions: z.array(Session) }) },
      },
    },
    async ({ scope: { services, actor } }) => {
      const sessions = await services.sessions.list(actor);
      return {
        sessions: sessions.map((session) => ({
          id: session.id,
          user_agent: session.userAgent,
          created_at: wireDate(session.createdAt),
          expires_at: wireDate(session.expiresAt),
          is_current: session.isCurrent,
        })),
      };
    },
  );
  app.delete(
    '/api/auth/sessions',
    { schema: { summary: 'End all your other logins', tags: ['auth'], response: { 200: done } } },
    async ({ scope: { services, actor } }) => {
      const count = await services.sessions.endOthers(actor);
      return { success: true as const, message: `${count} other sessions were ended.` };
    },
  );
  app.delete(
    '/api/auth/sessions/:id',
    {
      schema: {
        summary: 'End one of your logins',
        tags: ['auth'],
        params: z.object({ id: z.coerce.number().int().positive() }),
        response: { 200: done },
      },
    },
    async ({ scope: { services, actor }, params }) => {
      await services.sessions.end(actor, params.id);
      return { success: true as const, message: 'Session ended' };
    },
  );
};
