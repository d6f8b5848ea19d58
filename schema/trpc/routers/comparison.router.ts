import { z } from 'zod';
import { RANGE_STARTS, SIDES } from '../../../src/domain/history/diff.service.ts';
import { COST } from '../../costs.ts';
import { entriesCost } from '../budget.ts';
import { ChangesPage, DiffsPage } from '../diff-inputs.ts';
import { commitDto } from '../dto/commit.dto.ts';
import { comparisonDto, fileChangeDto, fileDiffDto } from '../dto/diff.dto.ts';
import { OfRepo, PageInput, parseRepoRef, Revision } from '../inputs.ts';
import { costs, publicProcedure, router } from '../trpc.ts';

const RangeInput = OfRepo.extend({
  base: Revision,
  head: Revision,
  from: z
    .enum(RANGE_STARTS)
    .default('merge-base')
    .describe('`merge-base` is what the head changed since they parted, `base` all that differs'),
});

/** Two revisions of a repository, compared. Later pages stay with the commits of the first one. */
export const comparisonRouter = router({
  /** How they lie to each other. */
  get: publicProcedure
    .input(RangeInput)
    .use(costs(() => COST.comparison))
    .query(async ({ ctx: { services, actor }, input: { repo, ...range } }) =>
      comparisonDto(await services.diffs.findRange(actor, parseRepoRef(repo), range, { looking: 'names' })),
    ),
  /** Commits that one side has alone, newest first. */
  commits: publicProcedure
    .input(RangeInput.extend({ ...PageInput.shape, side: z.enum(SIDES).default('ahead') }))
    .use(costs(({ limit }) => COST.comparison + COST.page + entriesCost(limit)))
    .query(async ({ ctx: { services, actor }, input: { repo, base, head, from, ...page } }) => {
      const range = { base, head, from };
      const { items, nextCursor } = await services.diffs.sideCommits(actor, parseRepoRef(repo), range, page);
      return { items: items.map(commitDto), nextCursor };
    }),
  /** Changed files in byte order of their paths. */
  changedFiles: publicProcedure
    .input(RangeInput.extend(ChangesPage.shape))
    .use(costs(({ limit }) => COST.comparison + COST.changes + entriesCost(limit)))
    .query(async ({ ctx: { services, actor }, input: { repo, base, head, from, ...page } }) => {
      const looking = { looking: 'names', cursor: page.cursor } as const;
      const range = { base, head, from };
      const { compared } = await services.diffs.findRange(actor, parseRepoRef(repo), range, looking);
      const { items, nextCursor } = await services.diffs.files(compared, page);
      return { items: items.map(fileChangeDto), nextCursor };
    }),
  /** The same with texts, for those who may read the files. A page ends early at some megabytes. */
  diffs: publicProcedure
    .input(RangeInput.extend(DiffsPage.shape))
    .use(costs(({ limit }) => 2 * COST.comparison + entriesCost(limit)))
    .query(async ({ ctx: { services, actor }, input: { repo, base, head, from, ...page } }) => {
      const looking = { looking: 'contents', cursor: page.cursor } as const;
      const range = { base, head, from };
      const { compared } = await services.diffs.findRange(actor, parseRepoRef(repo), range, looking);
      const { items, nextCursor } = await services.diffs.diffs(compared, page);
      return { items: items.map(fileDiffDto), nextCursor };
    }),
  /** All of it for `git apply`, up to 1 MB, for those who may read the files. */
  patch: publicProcedure
    .input(RangeInput)
    .use(costs(() => 3 * COST.comparison))
    .query(async ({ ctx: { services, actor }, input: { repo, ...range } }) => {
      const looking = { looking: 'contents' } as const;
      const { compared } = await services.diffs.findRange(actor, parseRepoRef(repo), range, looking);
      return { text: await services.diffs.patchText(compared) };
    }),
});
