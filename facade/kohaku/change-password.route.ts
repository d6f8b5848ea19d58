import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { done, secretText } from './schemas.ts';

/** POST /api/auth/password: replaces the caller's password and ends his other sessions. */
export const changePasswordRoute: FastifyPluginAsyncZod = async (app) => {
  app.post(
    '/api/auth/password',
    {
      schema: {
        summary: 'Change the password',
        tags: ['auth'],
        body: z.object({ current_password: secretText, new_password: secretText }),
        response: { 200: done },
      },
    },
    async (request) => {
      const { services, actor } = request.scope;
      const { current_password: currentPassword, new_password: newPassword } = request.body;
      await services.passwords.change(actor, { currentPassword, newPassword, address: request.ip });
      return { success: true as const, message: 'Password changed. Other sessions were ended.' };
    },
  );
};
