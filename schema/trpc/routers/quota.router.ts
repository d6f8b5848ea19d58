import { z } from 'zod';
import { namespaceQuotaDto, namespaceViewDto, repoQuotaDto, repoUsageDto } from '../dto/quota.dto.ts';
import { NameText, parseRepoRef, RepoRefInput } from '../inputs.ts';
import { procedure, publicProcedure, router } from '../trpc.ts';

const NamespaceInput = z.object({ namespace: NameText });
const limitBytes = z.int().min(0).nullable();

/** Limits and use of storage. */
export const quotaRouter = router({
  /** For the people of the namespace. */
  get: procedure
    .input(NamespaceInput)
    .query(async ({ ctx: { services, actor }, input }) =>
      namespaceQuotaDto(await services.quotas.view(actor, input.namespace)),
    ),
  /** For everybody, as far as the caller may know. */
  public: publicProcedure
    .input(NamespaceInput)
    .query(async ({ ctx: { services, actor }, input }) =>
      namespaceViewDto(await services.quotas.publicView(actor, input.namespace)),
    ),
  /** The repositories that hold most, at most 1,000. */
  repos: procedure.input(NamespaceInput).query(async ({ ctx: { services, actor }, input }) => {
    const { usage, repos, total } = await services.quotas.repos(actor, input.namespace);
    return { namespace: namespaceQuotaDto(usage), repos: repos.map(repoUsageDto), total };
  }),
  /** A limit that is left out stays as it is; null means no limit. */
  setLimits: procedure
    .input(
      NamespaceInput.extend({
        privateQuotaBytes: limitBytes.optional(),
        publicQuotaBytes: limitBytes.optional(),
      }),
    )
    .mutation(async ({ ctx: { services, actor }, input: { namespace, ...limits } }) =>
      namespaceQuotaDto(await services.quotas.setLimits(actor, namespace, limits)),
    ),
  recount: procedure
    .input(NamespaceInput)
    .mutation(async ({ ctx: { services, actor }, input }) =>
      namespaceQuotaDto(await services.quotas.recount(actor, input.namespace)),
    ),
  repo: publicProcedure
    .input(RepoRefInput)
    .query(async ({ ctx: { services, actor }, input }) =>
      repoQuotaDto(await services.quotas.repo(actor, parseRepoRef(input))),
    ),
  /** Null: that of the namespace. */
  setRepoLimit: procedure
    .input(RepoRefInput.extend({ quotaBytes: limitBytes }))
    .mutation(async ({ ctx: { services, actor }, input }) =>
      repoQuotaDto(await services.quotas.setRepoLimit(actor, parseRepoRef(input), input.quotaBytes)),
    ),
  recountRepo: procedure
    .input(RepoRefInput)
    .mutation(async ({ ctx: { services, actor }, input }) =>
      repoQuotaDto(await services.quotas.recountRepo(actor, parseRepoRef(input))),
    ),
});
