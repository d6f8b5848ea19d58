import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { FALLBACK_SOURCE_TYPES } from '../../src/domain/fallback/fallback-source.entity.ts';

const Source = z.object({
  url: z.string(),
  name: z.string(),
  source_type: z.enum(FALLBACK_SOURCE_TYPES),
  priority: z.int(),
});

/** GET /api/fallback-sources/available: the other hubs that this one knows (specification: List Available Sources). */
export const fallbackSourcesRoute: FastifyPluginAsyncZod = async (app) => {
  app.get(
    '/api/fallback-sources/available',
    {
      schema: {
        summary: 'Other hubs that this one knows',
        tags: ['hub'],
        response: { 200: z.array(Source) },
      },
    },
    async (request) => {
      const sources = await request.scope.services.fallbackSources.available();
      return sources.map(({ url, name, sourceType, priority }) => ({
        url,
        name,
        source_type: sourceType,
        priority,
      }));
    },
  );
};
