import { z } from 'zod';
import { REPO_TYPES } from '../../../src/domain/repo/repo.entity.ts';
import { trendingDto } from '../dto/stats.dto.ts';
import { parseRepoRef, RepoRefInput } from '../inputs.ts';
import { publicProcedure, router } from '../trpc.ts';

/** Days before today; days are those of UTC. */
const TrendingInput = z.object({
  type: z.enum(REPO_TYPES).default('model'),
  days: z.int().min(1).max(90).default(7),
  limit: z.int().min(1).max(100).default(20),
});

/** How often repositories are downloaded. */
export const statsRouter = router({
  totals: publicProcedure
    .input(RepoRefInput)
    .query(({ ctx: { services, actor }, input }) => services.stats.totals(actor, parseRepoRef(input))),
  recent: publicProcedure
    .input(RepoRefInput.extend({ days: z.int().min(1).max(365).default(30) }))
    .query(({ ctx: { services, actor }, input }) =>
      services.stats.recent(actor, parseRepoRef(input), input.days),
    ),
  trending: publicProcedure.input(TrendingInput).query(async ({ ctx: { services, actor }, input }) => {
    const { period, repos } = await services.stats.trending(actor, input);
    return { period, repos: repos.map(trendingDto) };
  }),
});
