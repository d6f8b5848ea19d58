import { z } from 'zod';
import { MAX_TEXT_BYTES } from '../../../src/domain/download/file-text.ts';
import { COST, textCost } from '../../costs.ts';
import { aloneProcedure } from '../alone.ts';
import { entriesCost } from '../budget.ts';
import { repoFilesDto, treeItemDto } from '../dto/file.dto.ts';
import { AtRevision, OfRepo, PageInput, parseRepoRef } from '../inputs.ts';
import { costs, publicProcedure, router } from '../trpc.ts';

const path = z.string().max(4096);

const TreeInput = AtRevision.extend({
  ...PageInput.shape,
  // It holds a path.
  cursor: z.string().max(20_000).optional(),
  path: path.default('').describe('A folder'),
  isRecursive: z.boolean().default(false),
  withLastCommit: z.boolean().default(false),
});

const PathsInput = AtRevision.extend({
  paths: z.array(path).max(1000),
  withLastCommit: z.boolean().default(false),
});

/** Files of a revision: trees, single paths, texts. */
export const fileRouter = router({
  tree: publicProcedure
    .input(TreeInput)
    .use(costs(({ limit, withLastCommit }) => itemsCost(limit, withLastCommit)))
    .query(async ({ ctx: { services, actor }, input: { isRecursive, ...input } }) => {
      const at = { repo: parseRepoRef(input.repo), revision: input.revision };
      const query = { ...input, recursive: isRecursive };
      const { items, nextCursor } = await services.browse.folder(actor, at, query);
      return { items: items.map(treeItemDto), nextCursor };
    }),
  /** What is at these paths; missing ones are left out. */
  paths: publicProcedure
    .input(PathsInput)
    .use(costs(({ paths, withLastCommit }) => itemsCost(paths.length, withLastCommit)))
    .query(async ({ ctx: { services, actor }, input }) => {
      const at = { repo: parseRepoRef(input.repo), revision: input.revision };
      const items = await services.browse.paths(actor, at, input);
      return items.map(treeItemDto);
    }),
  /** All files of a revision, 50,001 at most. */
  all: aloneProcedure
    .input(AtRevision.extend({ files: z.enum(['paths', 'details']).default('paths') }))
    .query(async ({ ctx: { services, actor }, input }) =>
      repoFilesDto(await services.repoInfo.info(actor, parseRepoRef(input.repo), input)),
    ),
  /** The beginning of a file as text, for those who may read the files. */
  text: publicProcedure
    .input(AtRevision.extend({ path, maxBytes: z.int().min(1).max(MAX_TEXT_BYTES).default(65_536) }))
    .use(costs(({ maxBytes }) => textCost(maxBytes)))
    .query(({ ctx: { services, actor }, input: { repo, revision, path: file, maxBytes } }) =>
      services.resolve.text(actor, { repo: parseRepoRef(repo), revision, path: file }, maxBytes),
    ),
  /** Answers with nothing, or refuses with what keeps the caller from it. */
  checkRight: publicProcedure
    .input(OfRepo.extend({ right: z.enum(['read', 'write']).default('read') }))
    .query(async ({ ctx: { services, actor }, input }) => {
      await services.repos.authCheck(actor, parseRepoRef(input.repo), input.right);
    }),
});

/** Of files and folders of one revision. */
function itemsCost(count: number, withLastCommit: boolean): number {
  return COST.page + entriesCost(count) + (withLastCommit ? COST.lastCommit * count : 0);
}
