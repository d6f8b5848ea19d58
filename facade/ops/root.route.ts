import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { VERSION } from '../../src/version.ts';

/** GET /: what this server is and where its documentation lies (specification: API information). */
export const rootRoute: FastifyPluginAsyncZod = async (app) => {
  app.get('/', { schema: { summary: 'API information', tags: ['server'] } }, async () => ({
    name: 'Kohaku Hub',
    version: VERSION,
    description: 'A self-hosted Hugging Face Hub',
    endpoints: { api: '/api', auth: '/api/auth', docs: '/docs', openapi: '/openapi.json', health: '/health' },
  }));
};
