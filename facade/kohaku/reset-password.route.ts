import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { clientOf } from './client.ts';
import { done, secretText, shortText } from './schemas.ts';

/** POST /api/auth/password/reset-request and /reset: a new password for somebody who forgot his, by a mailed code. */
export const resetPasswordRoute: FastifyPluginAsyncZod = async (app) => {
  app.post(
    '/api/auth/password/reset-request',
    {
      schema: {
        summary: 'Have a code mailed that sets a new password',
        tags: ['auth'],
        body: z.object({ email: shortText }),
        response: { 200: done },
      },
    },
    async (request) => {
      await request.scope.services.passwordResets.request(request.body, clientOf(request));
      const message = 'If this address belongs to an account, a code was sent to it.';
      return { success: true as const, message };
    },
  );
  app.post(
    '/api/auth/password/reset',
    {
      schema: {
        summary: 'Set a new password with a mailed code',
        tags: ['auth'],
        body: z.object({ token: shortText, new_password: secretText }),
        response: { 200: done },
      },
    },
    async (request) => {
      const { token: secret, new_password: newPassword } = request.body;
      await request.scope.services.passwordResets.reset({ secret, newPassword });
      return { success: true as const, message: 'Password set. All sessions were ended.' };
    },
  );
};
