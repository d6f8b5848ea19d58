import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { API_REPO, RepoPath } from '../hub/repo-paths.ts';
import { repoRef } from '../wire/repo-params.ts';

const MAX_DAYS = 365;

const Query = z.object({
  days: z.coerce.number().int().min(1).max(MAX_DAYS).default(30).describe('Days before today'),
});

/** GET stats and stats/recent: the specification's counters of a repository, and its downloads day by day (UTC). */
export const repoStatsRoute: FastifyPluginAsyncZod = async (app) => {
  const about = { tags: ['statistics'], params: RepoPath };
  app.get(
    `${API_REPO}/stats`,
    { schema: { ...about, summary: 'All downloads and likes' } },
    async ({ scope: { services, actor }, params }) => services.stats.totals(actor, repoRef(params)),
  );
  app.get(
    `${API_REPO}/stats/recent`,
    { schema: { ...about, summary: 'Downloads day by day', querystring: Query } },
    async ({ scope: { services, actor }, params, query: { days } }) => {
      const recent = await services.stats.recent(actor, repoRef(params), days);
      return { stats: recent.days, period: { ...recent.period, days } };
    },
  );
};
