import { z } from 'zod';
import { REF_KINDS } from '../../../src/domain/version/ref.service.ts';
import { entriesCost } from '../budget.ts';
import { refDto } from '../dto/ref.dto.ts';
import { OfRepo, PageInput, parseRepoRef } from '../inputs.ts';
import { costs, publicProcedure, router } from '../trpc.ts';

const ListInput = OfRepo.extend({ ...PageInput.shape, kind: z.enum(REF_KINDS).default('branches') });

/** What points to commits: branches, tags, pull requests. */
export const refRouter = router({
  /** Those of one kind, by name. */
  list: publicProcedure
    .input(ListInput)
    .use(costs(({ limit }) => entriesCost(limit)))
    .query(async ({ ctx: { services, actor }, input }) => {
      const { items, nextCursor } = await services.refs.page(actor, parseRepoRef(input.repo), input);
      return { items: items.map(refDto), nextCursor };
    }),
});
