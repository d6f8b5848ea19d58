import { z } from 'zod';
import { REPO_TYPES } from '../../../src/domain/repo/repo.entity.ts';
import { trendingDto } from '../dto/stats.dto.ts';
import { OfRepo, parseRepoRef } from '../inputs.ts';
import { costs, publicProcedure, router } from '../trpc.ts';

/** An entry is made of all its days. */
const TRENDING_POINTS = 10;

/** Days before today; days are those of UTC. */
const TrendingInput = z.object({
  type: z.enum(REPO_TYPES).default('model'),
  days: z.int().min(1).max(90).default(7),
  limit: z.int().min(1).max(100).default(20),
});

/** How often repositories are downloaded. */
export const statsRouter = router({
  totals: publicProcedure
    .input(OfRepo)
    .query(({ ctx: { services, actor }, input }) => services.stats.totals(actor, parseRepoRef(input.repo))),
  recent: publicProcedure
    .input(OfRepo.extend({ days: z.int().min(1).max(365).default(30) }))
    .use(costs(({ days }) => days))
    .query(({ ctx: { services, actor }, input }) =>
      services.stats.recent(actor, parseRepoRef(input.repo), input.days),
    ),
  trending: publicProcedure
    .input(TrendingInput)
    .use(costs(({ limit }) => TRENDING_POINTS * limit))
    .query(async ({ ctx: { services, actor }, input }) => {
      const { period, repos } = await services.stats.trending(actor, input);
      return { period, repos: repos.map(trendingDto) };
    }),
});
