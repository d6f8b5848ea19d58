import { z } from 'zod';
import { TOKEN_ROLES } from '../../../src/domain/auth/access-token.entity.ts';
import { shortText } from '../account-inputs.ts';
import { createdTokenDto, tokenDto } from '../dto/token.dto.ts';
import { IdInput } from '../inputs.ts';
import { procedure, router } from '../trpc.ts';

const CreateInput = z.object({
  name: shortText,
  role: z.enum(TOKEN_ROLES).default('write'),
  expiresInDays: z.int().optional().describe("1 to 3650; the hub's default when it is left out"),
});

/** The caller's API tokens. */
export const tokenRouter = router({
  list: procedure.query(async ({ ctx: { services, actor } }) =>
    (await services.tokens.list(actor)).map(tokenDto),
  ),
  create: procedure
    .input(CreateInput)
    .mutation(async ({ ctx: { services, actor }, input }) =>
      createdTokenDto(await services.tokens.create(actor, input)),
    ),
  delete: procedure.input(IdInput).mutation(async ({ ctx: { services, actor }, input }) => {
    await services.tokens.delete(actor, input.id);
  }),
});
