import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { TOKEN_ROLES } from '../../src/domain/auth/access-token.entity.ts';
import { shortText } from './schemas.ts';

const MAX_EXPIRES_DAYS = 3650;

/** POST /api/auth/tokens/create: a new API token, shown in this answer only (specification: create token). */
export const createTokenRoute: FastifyPluginAsyncZod = async (app) => {
  app.post(
    '/api/auth/tokens/create',
    {
      schema: {
        summary: 'Create an API token',
        tags: ['auth'],
        body: z.object({
          name: shortText,
          role: z.enum(TOKEN_ROLES).default('write'),
          expires_days: z.int().min(1).max(MAX_EXPIRES_DAYS).nullish(),
        }),
        response: {
          200: z.object({
            success: z.literal(true),
            token: z.string(),
            token_id: z.int(),
            session_secret: z.null().describe('Kept for older clients; a session is nobody else’s business'),
            message: z.string(),
          }),
        },
      },
    },
    async (request) => {
      const { services, actor } = request.scope;
      const { name, role, expires_days: days } = request.body;
      const created = await services.tokens.create(actor, { name, role, expiresInDays: days ?? undefined });
      const message = 'Token created. Copy it now: it is not shown again.';
      return {
        success: true as const,
        token: created.token,
        token_id: created.id,
        session_secret: null,
        message,
      };
    },
  );
};
