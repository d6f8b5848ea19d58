import { z } from 'zod';
import { clearSessionCookie, setSessionCookie } from '../../session-cookie.ts';
import { secretText, shortText } from '../account-inputs.ts';
import { aloneProcedure } from '../alone.ts';
import { newSessionDto } from '../dto/session.dto.ts';
import { procedure, router } from '../trpc.ts';

const MailInput = z.object({ email: shortText });

const RegisterInput = z.object({
  username: shortText,
  email: shortText,
  password: secretText,
  invitationToken: shortText.optional(),
});

/** How people get in: logins, registration, forgotten passwords. Wrong passwords and mails are counted as everywhere. */
export const authRouter = router({
  login: aloneProcedure
    .input(z.object({ username: shortText, password: secretText }))
    .mutation(async ({ ctx, input }) => {
      const session = await ctx.services.sessions.login(input, ctx.client);
      setSessionCookie(ctx, session);
      return newSessionDto(session);
    }),
  logout: procedure.mutation(async ({ ctx }) => {
    await ctx.services.sessions.logout(ctx.actor);
    clearSessionCookie(ctx);
  }),
  register: aloneProcedure
    .input(RegisterInput)
    .mutation(({ ctx: { services, client }, input }) => services.registration.register(input, client)),
  verifyEmail: aloneProcedure.input(z.object({ token: shortText })).mutation(async ({ ctx, input }) => {
    const { services, actor, client } = ctx;
    const verified = await services.registration.verifyEmail(actor, input.token, client);
    if (verified?.session) setSessionCookie(ctx, verified.session);
    return { username: verified?.username ?? null, isLoggedIn: verified?.session != null };
  }),
  resendVerification: aloneProcedure
    .input(MailInput)
    .mutation(async ({ ctx: { services, client }, input }) => {
      await services.registration.resendVerification(input, client);
    }),
  requestPasswordReset: aloneProcedure
    .input(MailInput)
    .mutation(async ({ ctx: { services, client }, input }) => {
      await services.passwordResets.request(input, client);
    }),
  resetPassword: aloneProcedure
    .input(z.object({ token: shortText, newPassword: secretText }))
    .mutation(async ({ ctx: { services }, input: { token, newPassword } }) => {
      await services.passwordResets.reset({ secret: token, newPassword });
    }),
  changePassword: aloneProcedure
    .input(z.object({ currentPassword: secretText, newPassword: secretText }))
    .mutation(async ({ ctx: { services, actor, client }, input }) => {
      await services.passwords.change(actor, { ...input, address: client.address });
    }),
});
