import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { done } from './schemas.ts';
import { clearSessionCookie } from './session-cookie.ts';

/** POST /api/auth/logout: ends the session of the cookie (specification: logout). */
export const logoutRoute: FastifyPluginAsyncZod = async (app) => {
  app.post(
    '/api/auth/logout',
    { schema: { summary: 'Log out and end the session', tags: ['auth'], response: { 200: done } } },
    async (request, reply) => {
      const { services, actor, config } = request.scope;
      await services.sessions.logout(actor);
      clearSessionCookie(reply, config.baseUrl);
      return { success: true as const, message: 'Logged out successfully' };
    },
  );
};
