import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { presentWhoami, whoamiSchema } from './whoami-presenter.ts';

/** GET /api/whoami-v2: huggingface_hub `whoami`, and the namespace of every name that a client leaves without one. */
export const whoamiRoute: FastifyPluginAsyncZod = async (app) => {
  app.get(
    '/api/whoami-v2',
    { schema: { summary: 'Who the caller is', tags: ['auth'], response: { 200: whoamiSchema } } },
    async (request) => {
      const { services, actor, config } = request.scope;
      return presentWhoami(await services.accounts.whoami(actor), config);
    },
  );
};
