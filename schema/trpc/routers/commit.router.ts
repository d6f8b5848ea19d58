import { z } from 'zod';
import { FILE_ENCODINGS, MAX_OPERATIONS, parseOperations } from '../../commit-operations.ts';
import { COST } from '../../costs.ts';
import { entriesCost } from '../budget.ts';
import { commitDetailDto, commitDto, commitResultDto } from '../dto/commit.dto.ts';
import { fileChangeDto, fileDiffDto } from '../dto/diff.dto.ts';
import { ChangesPage, DiffsPage } from '../diff-inputs.ts';
import { AtRevision, ExpectedHead, OfRepo, PageInput, parseRepoRef, Revision } from '../inputs.ts';
import { costs, procedure, publicProcedure, router } from '../trpc.ts';

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

const CreateInput = OfRepo.extend({
  branch: Revision.default('main'),
  title: z.string().max(1000),
  description: z.string().max(100_000).default(''),
  expectedHead: ExpectedHead,
  createsPullRequest: z.boolean().default(false),
  operations: z.array(OperationInput).max(MAX_OPERATIONS),
});

/** Commits: histories, single commits, and small ones to make. */
export const commitRouter = router({
  list: publicProcedure
    .input(AtRevision.extend(PageInput.shape))
    .use(costs(({ limit }) => COST.page + entriesCost(limit)))
    .query(async ({ ctx: { services, actor }, input }) => {
      const at = { repo: parseRepoRef(input.repo), revision: input.revision };
      const { items, nextCursor } = await services.browse.commits(actor, at, input);
      return { items: items.map(commitDto), nextCursor };
    }),
  get: publicProcedure
    .input(AtRevision)
    .use(costs(() => COST.changes))
    .query(async ({ ctx: { services, actor }, input }) => {
      const at = { repo: parseRepoRef(input.repo), revision: input.revision };
      return commitDetailDto(await services.diffs.findCommit(actor, at, 'names'));
    }),
  /** Changed files in byte order of their paths, against the first parent. */
  changedFiles: publicProcedure
    .input(AtRevision.extend(ChangesPage.shape))
    .use(costs(({ limit }) => COST.changes + entriesCost(limit)))
    .query(async ({ ctx: { services, actor }, input }) => {
      const at = { repo: parseRepoRef(input.repo), revision: input.revision };
      const { compared } = await services.diffs.findCommit(actor, at, 'names');
      const { items, nextCursor } = await services.diffs.files(compared, input);
      return { items: items.map(fileChangeDto), nextCursor };
    }),
  /** The same with texts, for those who may read the files. A page ends early at some megabytes. */
  diffs: publicProcedure
    .input(AtRevision.extend(DiffsPage.shape))
    .use(costs(({ limit }) => COST.comparison + entriesCost(limit)))
    .query(async ({ ctx: { services, actor }, input }) => {
      const at = { repo: parseRepoRef(input.repo), revision: input.revision };
      const { compared } = await services.diffs.findCommit(actor, at, 'contents');
      const { items, nextCursor } = await services.diffs.diffs(compared, input);
      return { items: items.map(fileDiffDto), nextCursor };
    }),
  /** Small files travel in it; others are uploaded before, and named as `lfsFile`. */
  create: procedure.input(CreateInput).mutation(async ({ ctx: { services, actor, config }, input }) => {
    const { repo, branch, expectedHead: parentCommit, ...rest } = input;
    const operations = parseOperations(input.operations, config.limits);
    const request = { ...rest, parentCommit, operations };
    return commitResultDto(await services.commits.commit(actor, parseRepoRef(repo), branch, request));
  }),
});
