import { z } from 'zod';
import { REQUEST_STATUSES } from '../../../src/domain/gate/access-request.entity.ts';
import type { RequestTarget } from '../../../src/domain/gate/gate.service.ts';
import { accessRequestDto, gateDto, ownRequestDto } from '../dto/gate.dto.ts';
import { NameText, PageInput, parseRepoRef, RepoRefInput } from '../inputs.ts';
import { procedure, publicProcedure, router } from '../trpc.ts';

const status = z.enum(REQUEST_STATUSES);

const answers = z
  .record(z.string().max(1000), z.union([z.string().max(10_000), z.boolean()]))
  .default({})
  .describe('By the names of the questions: a text, or true for a box');

/** The request is named by either the user or its id. */
const DecideInput = RepoRefInput.extend({
  username: NameText.optional(),
  requestId: z.int().min(1).optional(),
  status,
  rejectionReason: z.string().max(10_000).nullable().optional(),
}).refine(({ username, requestId }) => (username === undefined) !== (requestId === undefined), {
  message: 'Name the request by either username or requestId.',
});

/** Gates of repositories, and who may pass. */
export const gateRouter = router({
  get: publicProcedure
    .input(RepoRefInput)
    .query(async ({ ctx: { services, actor }, input }) =>
      gateDto(await services.gates.view(actor, parseRepoRef(input))),
    ),
  requests: procedure
    .input(RepoRefInput.extend(PageInput.shape).extend({ status: status.default('pending') }))
    .query(async ({ ctx: { services, actor }, input }) => {
      const { items, nextCursor } = await services.gates.list(actor, parseRepoRef(input), input);
      return { items: items.map(accessRequestDto), nextCursor };
    }),
  ask: procedure
    .input(RepoRefInput.extend({ answers }))
    .mutation(async ({ ctx: { services, actor }, input }) =>
      ownRequestDto(await services.gates.ask(actor, parseRepoRef(input), input.answers)),
    ),
  withdraw: procedure.input(RepoRefInput).mutation(async ({ ctx: { services, actor }, input }) => {
    await services.gates.withdraw(actor, parseRepoRef(input));
  }),
  decide: procedure.input(DecideInput).mutation(async ({ ctx: { services, actor }, input }) => {
    await services.gates.decide(actor, parseRepoRef(input), { ...input, request: targetOf(input) });
  }),
  grant: procedure
    .input(RepoRefInput.extend({ username: NameText }))
    .mutation(async ({ ctx: { services, actor }, input }) => {
      await services.gates.grant(actor, parseRepoRef(input), input.username);
    }),
});

function targetOf({ username, requestId }: z.output<typeof DecideInput>): RequestTarget {
  return requestId === undefined ? { username: username! } : { requestId };
}
