import { z } from 'zod';
import { refDto } from '../dto/ref.dto.ts';
import { parseRepoRef, RepoRefInput, Revision } from '../inputs.ts';
import { procedure, router } from '../trpc.ts';

const NamedTag = RepoRefInput.extend({ tag: Revision });

const CreateInput = NamedTag.extend({
  revision: Revision.default('main'),
  message: z.string().max(100_000).nullable().default(null).describe('Makes it an annotated tag'),
});

/** Tags; `branches.list` lists them. */
export const tagRouter = router({
  create: procedure
    .input(CreateInput)
    .mutation(async ({ ctx: { services, actor }, input: { tag: name, ...input } }) =>
      refDto(await services.refs.createTag(actor, parseRepoRef(input), { ...input, name })),
    ),
  delete: procedure.input(NamedTag).mutation(async ({ ctx: { services, actor }, input }) => {
    await services.refs.deleteTag(actor, parseRepoRef(input), input.tag);
  }),
});
