import { z } from 'zod';
import { REPO_TYPES } from '../../../src/domain/repo/repo.entity.ts';
import { COST } from '../../costs.ts';
import { VERSION } from '../../../src/version.ts';
import { costs, publicProcedure, router } from '../trpc.ts';

/** The hub itself, for everybody. */
export const siteRouter = router({
  info: publicProcedure.query(({ ctx: { config } }) => ({
    name: config.siteName,
    version: VERSION,
    baseUrl: config.baseUrl,
    isInvitationOnly: config.auth.invitationOnly,
    requiresEmailVerification: config.auth.requireEmailVerification,
  })),
  /** What the hub cannot work without, asked at this moment. */
  health: publicProcedure
    .use(costs(() => COST.page))
    .query(({ ctx: { services } }) => services.health.check()),
  /** The most used tags of public repositories, by what they stand for. */
  tagsByType: publicProcedure
    .input(z.object({ type: z.enum(REPO_TYPES).default('model') }))
    .use(costs(() => 2 * COST.overview))
    .query(({ ctx: { services }, input }) => services.repoLists.tagsByType(input.type)),
});
