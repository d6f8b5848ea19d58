import { z } from 'zod';
import { refDto } from '../dto/ref.dto.ts';
import { OfRepo, parseRepoRef, Revision } from '../inputs.ts';
import { procedure, router } from '../trpc.ts';

const NamedTag = OfRepo.extend({ tag: Revision });

const CreateInput = NamedTag.extend({
  revision: Revision.default('main'),
  message: z.string().max(100_000).nullable().default(null).describe('Makes it an annotated tag'),
});

/** Tags; `refs.list` lists them. */
export const tagRouter = router({
  create: procedure
    .input(CreateInput)
    .mutation(async ({ ctx: { services, actor }, input: { tag: name, ...input } }) =>
      refDto(await services.refs.createTag(actor, parseRepoRef(input.repo), { ...input, name })),
    ),
  delete: procedure.input(NamedTag).mutation(async ({ ctx: { services, actor }, input }) => {
    await services.refs.deleteTag(actor, parseRepoRef(input.repo), input.tag);
  }),
});
