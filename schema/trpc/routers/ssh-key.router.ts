import { z } from 'zod';
import { secretText, shortText } from '../account-inputs.ts';
import { sshKeyDto } from '../dto/ssh-key.dto.ts';
import { IdInput } from '../inputs.ts';
import { procedure, router } from '../trpc.ts';

/** The caller's SSH keys. */
export const sshKeyRouter = router({
  list: procedure.query(async ({ ctx: { services, actor } }) =>
    (await services.sshKeys.list(actor)).map(sshKeyDto),
  ),
  get: procedure
    .input(IdInput)
    .query(async ({ ctx: { services, actor }, input }) =>
      sshKeyDto(await services.sshKeys.get(actor, input.id)),
    ),
  add: procedure
    .input(z.object({ title: shortText, key: secretText.describe('One line of a `.pub` file') }))
    .mutation(async ({ ctx: { services, actor }, input }) =>
      sshKeyDto(await services.sshKeys.add(actor, input)),
    ),
  delete: procedure.input(IdInput).mutation(async ({ ctx: { services, actor }, input }) => {
    await services.sshKeys.delete(actor, input.id);
  }),
});
