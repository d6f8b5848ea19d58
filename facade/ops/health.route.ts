import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';

/** GET /health: 200 when every dependency answers, 503 otherwise. */
export const healthRoute: FastifyPluginAsyncZod = async (app) => {
  app.get(
    '/health',
    { schema: { summary: 'Health of the hub and its dependencies', tags: ['server'] } },
    async (request, reply) => {
      const dependencies = await request.scope.services.health.check();
      const isUp = dependencies.every((dependency) => dependency.isUp);
      return reply
        .code(isUp ? 200 : 503)
        .header('cache-control', 'no-store')
        .send({
          status: isUp ? 'ok' : 'down',
          dependencies: dependencies.map(({ name, isUp, latencyMs }) => ({
            name,
            status: isUp ? 'ok' : 'down',
            latency_ms: latencyMs,
          })),
        });
    },
  );
};
