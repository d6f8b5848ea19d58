import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { REPO_TYPES } from '../../src/domain/repo/repo.entity.ts';
import { errorBody } from './schemas.ts';

const Messages = z.array(z.object({ message: z.string() }));
const Type = z.enum(REPO_TYPES);
const INVALID = 'Invalid metadata in README.md';

/**
 * POST /api/validate-yaml: huggingface_hub asks it before it commits a README (`repoType`); the specification writes
 * `repo_type`. JSON for every status, or lines of text for clients that want `text/plain` (`RepoCard.validate`).
 */
export const validateYamlRoute: FastifyPluginAsyncZod = async (app) => {
  app.post(
    '/api/validate-yaml',
    {
      schema: {
        summary: 'Validate the metadata of a README',
        tags: ['validation'],
        body: z.object({ content: z.string(), repoType: Type.optional(), repo_type: Type.optional() }),
        response: {
          200: z.object({ valid: z.literal(true), errors: Messages, warnings: Messages }),
          400: z.union([
            errorBody.extend({ errors: Messages.optional(), warnings: Messages.optional() }),
            z.string(),
          ]),
        },
      },
    },
    async (request, reply) => {
      const { content, repoType, repo_type: seedType } = request.body;
      const { services } = request.scope;
      const { errors, warnings } = await services.cards.validate(repoType ?? seedType ?? 'model', content);
      const isValid = errors.length === 0;
      if (!isValid) reply.code(400).headers({ 'x-error-code': 'BadRequest', 'x-error-message': INVALID });
      if (request.headers.accept?.startsWith('text/plain'))
        return reply.type('text/plain; charset=utf-8').send(asText(errors, warnings));
      const messages = { errors: errors.map(asMessage), warnings: warnings.map(asMessage) };
      return reply.send(isValid ? { valid: true, ...messages } : { error: INVALID, ...messages });
    },
  );
};

function asMessage(message: string): { message: string } {
  return { message };
}

function asText(errors: readonly string[], warnings: readonly string[]): string {
  const lines = [
    ...errors.map((text) => `- Error: ${text}`),
    ...warnings.map((text) => `- Warning: ${text}`),
  ];
  return lines.join('\n');
}
