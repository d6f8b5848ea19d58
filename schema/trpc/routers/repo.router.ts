import { z } from 'zod';
import { REPO_SORTS } from '../../../src/domain/repo/repo-list.queries.ts';
import { parseRepoId } from '../../../src/domain/repo/repo-ref.ts';
import { GATED_MODES, REPO_TYPES } from '../../../src/domain/repo/repo.entity.ts';
import { VISIBILITIES } from '../../../src/domain/repo/repo-settings.ts';
import { repoDto } from '../dto/repo.dto.ts';
import { entriesCost } from '../budget.ts';
import { OfRepo, PageInput, parseRepoRef } from '../inputs.ts';
import { costs, procedure, publicProcedure, router } from '../trpc.ts';

const name = z.string().max(200);
const terms = z.array(name).max(20).default([]);

const ListInput = PageInput.extend({
  type: z.enum(REPO_TYPES).default('model'),
  sort: z.enum(REPO_SORTS).default('lastModified'),
  namespace: name.optional(),
  search: terms,
  tags: terms,
  pipelineTag: name.optional(),
  isGated: z.boolean().optional(),
});

const CreateInput = z.object({
  type: z.enum(REPO_TYPES).default('model'),
  namespace: name.nullable().default(null),
  name,
  visibility: z.enum(VISIBILITIES).default('public'),
  sdk: name.nullable().default(null),
  license: z.string().max(100).nullable().default(null),
});

/** A field that is left out stays as it is; null resets it to the default of the server. */
const SettingsInput = OfRepo.extend({
  visibility: z.enum(VISIBILITIES).optional(),
  gated: z.enum(GATED_MODES).nullable().optional(),
  lfsThresholdBytes: z.int().nullable().optional(),
  lfsKeepVersions: z.int().nullable().optional(),
  lfsSuffixRules: z.array(name).max(1000).nullable().optional(),
});

/** Repositories: lists, creation, names, settings. */
export const repoRouter = router({
  get: publicProcedure
    .input(OfRepo)
    .query(async ({ ctx: { services, actor }, input }) =>
      repoDto(await services.access.require(actor, parseRepoRef(input.repo), 'read')),
    ),
  list: publicProcedure
    .input(ListInput.prefault({}))
    .use(costs(({ limit }) => entriesCost(limit)))
    .query(async ({ ctx: { services, actor }, input: { namespace: author, ...input } }) => {
      const { items, nextCursor } = await services.repoLists.list(actor, { ...input, author });
      return { items: items.map(repoDto), nextCursor };
    }),
  create: procedure
    .input(CreateInput)
    .mutation(async ({ ctx: { services, actor }, input }) =>
      repoDto(await services.repos.create(actor, input)),
    ),
  move: procedure
    .input(OfRepo.extend({ to: name.describe('`namespace/name`') }))
    .mutation(async ({ ctx: { services, actor }, input }) =>
      repoDto(await services.repos.move(actor, parseRepoRef(input.repo), parseRepoId(input.to, 'to'))),
    ),
  updateSettings: procedure.input(SettingsInput).mutation(async ({ ctx: { services, actor }, input }) => {
    await services.repos.updateSettings(actor, parseRepoRef(input.repo), input);
  }),
  delete: procedure.input(OfRepo).mutation(async ({ ctx: { services, actor }, input }) => {
    await services.repos.delete(actor, parseRepoRef(input.repo));
  }),
});
