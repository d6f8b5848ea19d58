import { z } from 'zod';
import { FILE_ENCODINGS, MAX_OPERATIONS, parseOperations } from '../../commit-operations.ts';
import { commitDetailDto, commitDto, commitResultDto } from '../dto/commit.dto.ts';
import { ExpectedHead, PageInput, parseRepoRef, RepoRefInput, Revision } from '../inputs.ts';
import { procedure, publicProcedure, router } from '../trpc.ts';

const path = z.string().min(1).max(4096);

const OperationInput = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('file'),
    path,
    content: z.string(),
    encoding: z.enum(FILE_ENCODINGS).default('utf-8'),
  }),
  z.object({
    kind: z.literal('lfsFile'),
    path,
    sha256: z.string().length(64),
    sizeBytes: z.int().min(0).nullable().default(null),
  }),
  z.object({ kind: z.enum(['deleteFile', 'deleteFolder']), path }),
  z.object({
    kind: z.literal('copyFile'),
    path,
    sourcePath: path,
    sourceRevision: Revision.nullable().default(null),
  }),
]);

const CreateInput = RepoRefInput.extend({
  branch: Revision.default('main'),
  title: z.string().max(1000),
  description: z.string().max(100_000).default(''),
  parentCommit: ExpectedHead,
  createsPullRequest: z.boolean().default(false),
  operations: z.array(OperationInput).max(MAX_OPERATIONS),
});

const AtRevision = RepoRefInput.extend({ revision: Revision.default('main') });

/** Commits: histories, single commits, and small ones to make. */
export const commitRouter = router({
  list: publicProcedure
    .input(AtRevision.extend(PageInput.shape))
    .query(async ({ ctx: { services, actor }, input }) => {
      const at = { repo: parseRepoRef(input), revision: input.revision };
      const { items, nextCursor } = await services.browse.commits(actor, at, input);
      return { items: items.map(commitDto), nextCursor };
    }),
  get: publicProcedure.input(AtRevision).query(async ({ ctx: { services, actor }, input }) => {
    const at = { repo: parseRepoRef(input), revision: input.revision };
    return commitDetailDto(await services.diffs.findCommit(actor, at, 'names'));
  }),
  /** Small files travel in it; others are uploaded before, and named as `lfsFile`. */
  create: procedure
    .input(CreateInput)
    .mutation(async ({ ctx: { services, actor, config }, input: { branch, ...input } }) => {
      const request = { ...input, operations: parseOperations(input.operations, config.limits) };
      return commitResultDto(await services.commits.commit(actor, parseRepoRef(input), branch, request));
    }),
});
