import { sessionDto } from '../dto/session.dto.ts';
import { IdInput } from '../inputs.ts';
import { procedure, router } from '../trpc.ts';

/** The caller's logins by browser. */
export const sessionRouter = router({
  list: procedure.query(async ({ ctx: { services, actor } }) =>
    (await services.sessions.list(actor)).map(sessionDto),
  ),
  end: procedure.input(IdInput).mutation(async ({ ctx: { services, actor }, input }) => {
    await services.sessions.end(actor, input.id);
  }),
  endOthers: procedure.mutation(async ({ ctx: { services, actor } }) => ({
    endedCount: await services.sessions.endOthers(actor),
  })),
});
