import { z } from 'zod';
import { branchWrittenDto, refDto } from '../dto/ref.dto.ts';
import { ExpectedHead, OfRepo, parseRepoRef, Revision } from '../inputs.ts';
import { procedure, router } from '../trpc.ts';

const NamedRef = OfRepo.extend({ branch: Revision });

/** What every change of a branch as a whole may say. */
const WriteInput = OfRepo.extend({
  branch: Revision,
  message: z.string().max(100_000).nullable().default(null).describe('First line and the rest'),
  expectedHead: ExpectedHead,
});

const RevertInput = WriteInput.extend({
  branch: Revision.default('main'),
  revision: Revision,
  parentNumber: z.int().min(1).max(1000).default(1),
  allowsEmpty: z.boolean().default(false),
});

const MergeInput = WriteInput.omit({ branch: true }).extend({
  source: Revision,
  destination: Revision,
  favor: z.enum(['none', 'ours', 'theirs']).default('none').describe('`ours` is the destination'),
  isSquashed: z.boolean().default(false),
});

/** Branches: creation, and changes of a branch as a whole. `refs.list` lists them. */
export const branchRouter = router({
  create: procedure
    .input(NamedRef.extend({ revision: Revision.nullable().default(null).describe('Null is `main`') }))
    .mutation(async ({ ctx: { services, actor }, input }) =>
      refDto(await services.refs.createBranch(actor, parseRepoRef(input.repo), input.branch, input.revision)),
    ),
  delete: procedure.input(NamedRef).mutation(async ({ ctx: { services, actor }, input }) => {
    await services.refs.deleteBranch(actor, parseRepoRef(input.repo), input.branch);
  }),
  revert: procedure
    .input(RevertInput)
    .mutation(async ({ ctx: { services, actor }, input }) =>
      branchWrittenDto(await services.branches.revert(actor, parseRepoRef(input.repo), input.branch, input)),
    ),
  reset: procedure
    .input(WriteInput.extend({ revision: Revision, isForced: z.boolean().default(false) }))
    .mutation(async ({ ctx: { services, actor }, input }) =>
      branchWrittenDto(await services.branches.reset(actor, parseRepoRef(input.repo), input.branch, input)),
    ),
  merge: procedure
    .input(MergeInput)
    .mutation(async ({ ctx: { services, actor }, input }) =>
      branchWrittenDto(await services.branches.merge(actor, parseRepoRef(input.repo), input)),
    ),
  superSquash: procedure
    .input(WriteInput)
    .mutation(async ({ ctx: { services, actor }, input }) =>
      branchWrittenDto(
        await services.branches.superSquash(actor, parseRepoRef(input.repo), input.branch, input),
      ),
    ),
});
