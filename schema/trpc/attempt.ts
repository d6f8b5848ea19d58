import { BadRequest } from '../../src/domain/errors.ts';
import { publicProcedure } from './trpc.ts';

/**
 * What somebody could guess with, or send mails with: logins, registrations, passwords, codes. One in a request, so that a batch is
 * no way to try many.
 */
export const attemptProcedure = publicProcedure.use(async ({ ctx, path, next }) => {
  if (ctx.callCount > 1) throw new BadRequest(`Call ${path} alone, not in a batch.`);
  return next();
});
