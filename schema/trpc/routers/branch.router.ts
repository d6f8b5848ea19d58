import { z } from 'zod';
import { REF_KINDS } from '../../../src/domain/version/ref.service.ts';
import { branchWrittenDto, refDto } from '../dto/ref.dto.ts';
import { ExpectedHead, PageInput, parseRepoRef, RepoRefInput, Revision } from '../inputs.ts';
import { procedure, publicProcedure, router } from '../trpc.ts';

const NamedRef = RepoRefInput.extend({ branch: Revision });

/** What every change of a branch as a whole may say. */
const WriteInput = RepoRefInput.extend({
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

/** Branches: lists of refs, creation, and changes of a branch as a whole. */
export const branchRouter = router({
  list: publicProcedure
    .input(RepoRefInput.extend({ ...PageInput.shape, kind: z.enum(REF_KINDS).default('branches') }))
    .query(async ({ ctx: { services, actor }, input }) => {
      const { items, nextCursor } = await services.refs.page(actor, parseRepoRef(input), input);
      return { items: items.map(refDto), nextCursor };
    }),
  /** All refs of all kinds. */
  listAll: publicProcedure.input(RepoRefInput).query(async ({ ctx: { services, actor }, input }) => {
    const { branches, tags, converts, pullRequests } = await services.refs.list(actor, parseRepoRef(input));
    return {
      branches: branches.map(refDto),
      tags: tags.map(refDto),
      converts: converts.map(refDto),
      pullRequests: pullRequests.map(refDto),
    };
  }),
  create: procedure
    .input(NamedRef.extend({ revision: Revision.nullable().default(null).describe('Null is `main`') }))
    .mutation(async ({ ctx: { services, actor }, input }) =>
      refDto(await services.refs.createBranch(actor, parseRepoRef(input), input.branch, input.revision)),
    ),
  delete: procedure.input(NamedRef).mutation(async ({ ctx: { services, actor }, input }) => {
    await services.refs.deleteBranch(actor, parseRepoRef(input), input.branch);
  }),
  revert: procedure
    .input(RevertInput)
    .mutation(async ({ ctx: { services, actor }, input }) =>
      branchWrittenDto(await services.branches.revert(actor, parseRepoRef(input), input.branch, input)),
    ),
  reset: procedure
    .input(WriteInput.extend({ revision: Revision, isForced: z.boolean().default(false) }))
    .mutation(async ({ ctx: { services, actor }, input }) =>
      branchWrittenDto(await services.branches.reset(actor, parseRepoRef(input), input.branch, input)),
    ),
  merge: procedure
    .input(MergeInput)
    .mutation(async ({ ctx: { services, actor }, input }) =>
      branchWrittenDto(await services.branches.merge(actor, parseRepoRef(input), input)),
    ),
  superSquash: procedure
    .input(WriteInput)
    .mutation(async ({ ctx: { services, actor }, input }) =>
      branchWrittenDto(await services.branches.superSquash(actor, parseRepoRef(input), input.branch, input)),
    ),
});
