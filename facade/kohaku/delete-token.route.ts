import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { done } from './schemas.ts';

/** DELETE /api/auth/tokens/{id}: revokes one of the caller's own API tokens (specification: revoke token). */
export const deleteTokenRoute: FastifyPluginAsyncZod = async (app) => {
  app.delete(
    '/api/auth/tokens/:id',
    {
      schema: {
        summary: 'Revoke an API token',
        tags: ['auth'],
        params: z.object({ id: z.coerce.number().int().positive() }),
        response: { 200: done },
      },
    },
    async (request) => {
      const { services, actor } = request.scope;
      await services.tokens.delete(actor, request.params.id);
      return { success: true as const, message: 'Token revoked successfully' };
    },
  );
};
