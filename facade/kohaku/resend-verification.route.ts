import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { clientOf } from './client.ts';
import { done, shortText } from './schemas.ts';

/** POST /api/auth/verify-email/resend: sends a new link. The answer is the same for every address. */
export const resendVerificationRoute: FastifyPluginAsyncZod = async (app) => {
  app.post(
    '/api/auth/verify-email/resend',
    {
      schema: {
        summary: 'Send a new verification link',
        tags: ['auth'],
        body: z.object({ email: shortText }),
        response: { 200: done },
      },
    },
    async (request) => {
      await request.scope.services.registration.resendVerification(request.body, clientOf(request));
      const message = 'If this address waits for verification, a new link was sent to it.';
      return { success: true as const, message };
    },
  );
};
