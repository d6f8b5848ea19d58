import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { REPO_TYPES } from '../../src/domain/repo/repo.entity.ts';
import { shortText } from './schemas.ts';

/** POST /api/validate/check-name: whether a name is free (specification: check-name). */
export const checkNameRoute: FastifyPluginAsyncZod = async (app) => {
  app.post(
    '/api/validate/check-name',
    {
      schema: {
        summary: 'Check whether the name of a user, an organization or a repository is available',
        tags: ['validation'],
        body: z.object({
          name: shortText,
          namespace: shortText.nullish().describe('With `type`: check a repository in it'),
          type: z.enum(REPO_TYPES).nullish(),
        }),
        response: {
          200: z.object({
            available: z.boolean(),
            normalized_name: z.string(),
            conflict_with: z.string().nullable(),
            message: z.string(),
          }),
        },
      },
    },
    async (request) => {
      const { services, actor } = request.scope;
      const { name, namespace, type } = request.body;
      const check =
        namespace && type
          ? await services.names.checkRepoName(actor, { type, namespace, name })
          : await services.names.checkAccountName(name);
      return {
        available: check.isAvailable,
        normalized_name: check.normalizedName,
        conflict_with: check.conflictWith,
        message: check.message,
      };
    },
  );
};
