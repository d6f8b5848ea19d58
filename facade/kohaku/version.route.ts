import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { VERSION } from '../../src/version.ts';

/** GET /api/version: how clients tell this hub from the Hugging Face Hub (specification: version). */
export const versionRoute: FastifyPluginAsyncZod = async (app) => {
  app.get(
    '/api/version',
    {
      schema: {
        summary: 'API version',
        tags: ['server'],
        response: {
          200: z.object({ api: z.literal('kohakuhub'), version: z.string(), name: z.string() }),
        },
      },
    },
    async (request) => {
      const { siteName } = request.scope.config;
      return { api: 'kohakuhub' as const, version: VERSION, name: siteName };
    },
  );
};
