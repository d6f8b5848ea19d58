import { BadRequest } from '../../src/domain/errors.ts';
import { publicProcedure } from './trpc.ts';

/**
 * One in a request. For what somebody could guess with, or send mails with, so that a batch is no way to try many: logins,
 * registrations, passwords, codes. And for answers that are large by themselves.
 */
export const aloneProcedure = publicProcedure.use(async ({ ctx, path, next }) => {
  if (ctx.callCount > 1) throw new BadRequest(`Call ${path} alone, not in a batch.`);
  return next();
});
