import { z } from 'zod';
import { namespaceQuotaDto, namespaceViewDto, repoQuotaDto, repoUsageDto } from '../dto/quota.dto.ts';
import { MAX_LISTED } from '../../../src/domain/quota/quota.service.ts';
import { COST } from '../../costs.ts';
import { entriesCost } from '../budget.ts';
import { OfNamespace, OfRepo, parseRepoRef } from '../inputs.ts';
import { costs, procedure, publicProcedure, router } from '../trpc.ts';

const limitBytes = z.int().min(0).nullable();

/** Limits and use of storage. */
export const quotaRouter = router({
  /** For the people of the namespace. */
  get: procedure
    .input(OfNamespace)
    .query(async ({ ctx: { services, actor }, input }) =>
      namespaceQuotaDto(await services.quotas.view(actor, input.namespace)),
    ),
  /** For everybody, as far as the caller may know. */
  public: publicProcedure
    .input(OfNamespace)
    .query(async ({ ctx: { services, actor }, input }) =>
      namespaceViewDto(await services.quotas.publicView(actor, input.namespace)),
    ),
  /** The repositories that hold most, at most 1,000. */
  repos: procedure
    .input(OfNamespace)
    .use(costs(() => COST.overview + entriesCost(MAX_LISTED)))
    .query(async ({ ctx: { services, actor }, input }) => {
      const { usage, repos, total } = await services.quotas.repos(actor, input.namespace);
      return { namespace: namespaceQuotaDto(usage), repos: repos.map(repoUsageDto), total };
    }),
  /** A limit that is left out stays as it is; null means no limit. */
  setLimits: procedure
    .input(
      OfNamespace.extend({
        privateQuotaBytes: limitBytes.optional(),
        publicQuotaBytes: limitBytes.optional(),
      }),
    )
    .mutation(async ({ ctx: { services, actor }, input: { namespace, ...limits } }) =>
      namespaceQuotaDto(await services.quotas.setLimits(actor, namespace, limits)),
    ),
  recount: procedure
    .input(OfNamespace)
    .mutation(async ({ ctx: { services, actor }, input }) =>
      namespaceQuotaDto(await services.quotas.recount(actor, input.namespace)),
    ),
  repo: publicProcedure
    .input(OfRepo)
    .query(async ({ ctx: { services, actor }, input }) =>
      repoQuotaDto(await services.quotas.repo(actor, parseRepoRef(input.repo))),
    ),
  /** Null: that of the namespace. */
  setRepoLimit: procedure
    .input(OfRepo.extend({ quotaBytes: limitBytes }))
    .mutation(async ({ ctx: { services, actor }, input }) =>
      repoQuotaDto(await services.quotas.setRepoLimit(actor, parseRepoRef(input.repo), input.quotaBytes)),
    ),
  recountRepo: procedure
    .input(OfRepo)
    .mutation(async ({ ctx: { services, actor }, input }) =>
      repoQuotaDto(await services.quotas.recountRepo(actor, parseRepoRef(input.repo))),
    ),
});
