import { z } from 'zod';
import { MAX_TEXT_BYTES } from '../../../src/domain/download/file-text.ts';
import { repoFilesDto, treeItemDto } from '../dto/file.dto.ts';
import { aloneProcedure } from '../alone.ts';
import { PageInput, parseRepoRef, RepoRefInput, Revision } from '../inputs.ts';
import { publicProcedure, router } from '../trpc.ts';

const path = z.string().max(4096);
const AtRevision = RepoRefInput.extend({ revision: Revision.default('main') });

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
    .query(async ({ ctx: { services, actor }, input: { isRecursive, ...input } }) => {
      const at = { repo: parseRepoRef(input), revision: input.revision };
      const query = { ...input, recursive: isRecursive };
      const { items, nextCursor } = await services.browse.folder(actor, at, query);
      return { items: items.map(treeItemDto), nextCursor };
    }),
  /** What is at these paths; missing ones are left out. */
  paths: publicProcedure.input(PathsInput).query(async ({ ctx: { services, actor }, input }) => {
    const at = { repo: parseRepoRef(input), revision: input.revision };
    const items = await services.browse.paths(actor, at, input);
    return items.map(treeItemDto);
  }),
  /** All files of a revision, 50,001 at most. */
  all: aloneProcedure
    .input(AtRevision.extend({ files: z.enum(['paths', 'details']).default('paths') }))
    .query(async ({ ctx: { services, actor }, input }) =>
      repoFilesDto(await services.repoInfo.info(actor, parseRepoRef(input), input)),
    ),
  /** The beginning of a file as text, for those who may read the files. */
  text: publicProcedure
    .input(AtRevision.extend({ path, maxBytes: z.int().min(1).max(MAX_TEXT_BYTES).default(65_536) }))
    .query(({ ctx: { services, actor }, input: { revision, path: file, maxBytes, ...repo } }) =>
      services.resolve.text(actor, { repo: parseRepoRef(repo), revision, path: file }, maxBytes),
    ),
  /** Answers with nothing, or refuses with what keeps the caller from it. */
  checkRight: publicProcedure
    .input(RepoRefInput.extend({ right: z.enum(['read', 'write']).default('read') }))
    .query(async ({ ctx: { services, actor }, input }) => {
      await services.repos.authCheck(actor, parseRepoRef(input), input.right);
    }),
});
