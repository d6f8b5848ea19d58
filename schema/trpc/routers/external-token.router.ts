import { z } from 'zod';
import { externalTokenDto } from '../dto/external-token.dto.ts';
import { procedure, publicProcedure, router } from '../trpc.ts';

const url = z.string().max(1024);
const SaveInput = z.object({ url, token: z.string().max(4096) });

/** The caller's tokens for other hubs, and the hubs that this one knows. */
export const externalTokenRouter = router({
  sources: publicProcedure.query(({ ctx: { services } }) => services.fallbackSources.available()),
  list: procedure.query(async ({ ctx: { services, actor } }) =>
    (await services.externalTokens.list(actor, actor.name)).map(externalTokenDto),
  ),
  save: procedure.input(SaveInput).mutation(async ({ ctx: { services, actor }, input }) => {
    await services.externalTokens.save(actor, actor.name, input);
  }),
  replace: procedure
    .input(z.object({ tokens: z.array(SaveInput).max(1000) }))
    .mutation(async ({ ctx: { services, actor }, input }) => ({
      count: await services.externalTokens.replace(actor, actor.name, input.tokens),
    })),
  delete: procedure.input(z.object({ url })).mutation(async ({ ctx: { services, actor }, input }) => {
    await services.externalTokens.delete(actor, actor.name, input.url);
  }),
});
