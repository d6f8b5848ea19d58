import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { publicSessionSecret } from '../../src/domain/auth/secrets.ts';
import { clientOf } from './client.ts';
import { secretText, shortText } from './schemas.ts';
import { setSessionCookie } from './session-cookie.ts';

/** POST /api/auth/login: starts a session and sets its cookie (specification: login). */
export const loginRoute: FastifyPluginAsyncZod = async (app) => {
  app.post(
    '/api/auth/login',
    {
      schema: {
        summary: 'Log in and start a session',
        tags: ['auth'],
        body: z.object({ username: shortText, password: secretText }),
        response: {
          200: z.object({
            success: z.literal(true),
            message: z.string(),
            username: z.string(),
            session_secret: z.string(),
          }),
        },
      },
    },
    async (request, reply) => {
      const { services, config } = request.scope;
      const session = await services.sessions.login(request.body, clientOf(request));
      setSessionCookie(reply, session, config.baseUrl);
      return {
        success: true as const,
        message: 'Logged in successfully',
        username: session.username,
        session_secret: publicSessionSecret(session.secret),
      };
    },
  );
};
