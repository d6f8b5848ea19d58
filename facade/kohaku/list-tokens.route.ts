import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { TOKEN_ROLES } from '../../src/domain/auth/access-token.entity.ts';
import { wireDate } from '../wire/dates.ts';
import { wireDateSchema } from './schemas.ts';

const Token = z.object({
  id: z.int(),
  name: z.string(),
  role: z.enum(TOKEN_ROLES),
  last_used: wireDateSchema.nullable(),
  expires_at: wireDateSchema.nullable(),
  created_at: wireDateSchema,
});

/** GET /api/auth/tokens: the caller's API tokens, without their secrets (specification: list tokens). */
export const listTokensRoute: FastifyPluginAsyncZod = async (app) => {
  app.get(
    '/api/auth/tokens',
    {
      schema: {
        summary: "List the user's API tokens",
        tags: ['auth'],
        response: { 200: z.object({ tokens: z.array(Token) }) },
      },
    },
    async (request) => {
      const tokens = await request.scope.services.tokens.list(request.scope.actor);
      return {
        tokens: tokens.map(({ id, name, role, lastUsedAt, expiresAt, createdAt }) => ({
          id,
          name,
          role,
          last_used: lastUsedAt && wireDate(lastUsedAt),
          expires_at: expiresAt && wireDate(expiresAt),
          created_at: wireDate(createdAt),
        })),
      };
    },
  );
};
