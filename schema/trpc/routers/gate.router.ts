import { z } from 'zod';
import { REQUEST_STATUSES } from '../../../src/domain/gate/access-request.entity.ts';
import type { RequestTarget } from '../../../src/domain/gate/gate.service.ts';
import { accessRequestDto, gateDto, ownRequestDto } from '../dto/gate.dto.ts';
import { entriesCost } from '../budget.ts';
import { NameText, OfRepo, PageInput, parseRepoRef } from '../inputs.ts';
import { costs, procedure, publicProcedure, router } from '../trpc.ts';

const status = z.enum(REQUEST_STATUSES);

const answers = z
  .record(z.string().max(1000), z.union([z.string().max(10_000), z.boolean()]))
  .default({})
  .describe('By the names of the questions: a text, or true for a box');

/** The request is named by either its id or the user. */
const DecideInput = OfRepo.extend({
  username: NameText.optional(),
  id: z.int().positive().optional(),
  status,
  rejectionReason: z.string().max(10_000).nullable().optional(),
}).refine(({ username, id }) => (username === undefined) !== (id === undefined), {
  message: 'Name the request by either id or username.',
});

/** Gates of repositories, and who may pass. */
export const gateRouter = router({
  get: publicProcedure
    .input(OfRepo)
    .query(async ({ ctx: { services, actor }, input }) =>
      gateDto(await services.gates.view(actor, parseRepoRef(input.repo))),
    ),
  requests: procedure
    .input(OfRepo.extend(PageInput.shape).extend({ status: status.default('pending') }))
    .use(costs(({ limit }) => entriesCost(limit)))
    .query(async ({ ctx: { services, actor }, input }) => {
      const { items, nextCursor } = await services.gates.list(actor, parseRepoRef(input.repo), input);
      return { items: items.map(accessRequestDto), nextCursor };
    }),
  ask: procedure
    .input(OfRepo.extend({ answers }))
    .mutation(async ({ ctx: { services, actor }, input }) =>
      ownRequestDto(await services.gates.ask(actor, parseRepoRef(input.repo), input.answers)),
    ),
  withdraw: procedure.input(OfRepo).mutation(async ({ ctx: { services, actor }, input }) => {
    await services.gates.withdraw(actor, parseRepoRef(input.repo));
  }),
  decide: procedure.input(DecideInput).mutation(async ({ ctx: { services, actor }, input }) => {
    await services.gates.decide(actor, parseRepoRef(input.repo), { ...input, request: targetOf(input) });
  }),
  grant: procedure
    .input(OfRepo.extend({ username: NameText }))
    .mutation(async ({ ctx: { services, actor }, input }) => {
      await services.gates.grant(actor, parseRepoRef(input.repo), input.username);
    }),
});

function targetOf({ username, id }: z.output<typeof DecideInput>): RequestTarget {
  return id === undefined ? { username: username! } : { requestId: id };
}
