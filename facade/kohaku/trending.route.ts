import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { REPO_TYPES } from '../../src/domain/repo/repo.entity.ts';

const Query = z.object({
  repo_type: z.enum(REPO_TYPES).default('model'),
  days: z.coerce.number().int().min(1).max(90).default(7).describe('Days before today'),
  limit: z.coerce.number().int().min(1).max(100).default(20),
});

/** GET /api/trending: the specification's list of what was downloaded lately. */
export const trendingRoute: FastifyPluginAsyncZod = async (app) => {
  app.get(
    '/api/trending',
    { schema: { summary: 'Trending repositories', tags: ['statistics'], querystring: Query } },
    async ({ scope: { services, actor }, query: { repo_type: type, days, limit } }) => {
      const { period, repos } = await services.stats.trending(actor, { type, days, limit });
      const trending = repos.map((repo) => ({
        id: repo.fullName,
        type: repo.type,
        downloads: repo.downloadsAllTime,
        likes: repo.likesCount,
        recent_downloads: repo.recentDownloads,
        private: repo.isPrivate,
      }));
      return { trending, period: { ...period, days } };
    },
  );
};
