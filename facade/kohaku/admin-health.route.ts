import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { DEPENDENCIES, DEPENDENCY_STATES } from '../../src/domain/admin/admin-health.service.ts';
import { VERSION } from '../../src/version.ts';
import { tags } from './admin-wire.ts';

const Answer = z.object({
  version: z.string().describe('Of the hub'),
  node_version: z.string(),
  dependencies: z.array(
    z.object({
      name: z.enum(DEPENDENCIES),
      status: z.enum(DEPENDENCY_STATES).describe('off: the hub is configured to do without it'),
      version: z.string().nullable(),
      latency_ms: z.int().nullable(),
      problem: z.string().nullable(),
    }),
  ),
});

/** GET /api/admin/health: everything that this node works with. Whoever may know less asks `/health`. */
export const adminHealthRoute: FastifyPluginAsyncZod = async (app) => {
  app.get(
    '/api/admin/health',
    { schema: { summary: 'What the hub works with, and how it is', tags, response: { 200: Answer } } },
    async ({ scope: { services, actor } }, reply) => {
      reply.header('cache-control', 'no-store');
      const reports = await services.adminHealth.check(actor);
      return {
        version: VERSION,
        node_version: process.versions.node,
        dependencies: reports.map(({ name, status, version, latencyMs, problem }) => ({
          name,
          status,
          version,
          latency_ms: latencyMs,
          problem,
        })),
      };
    },
  );
};
