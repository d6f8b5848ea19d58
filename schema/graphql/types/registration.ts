import type { VerifiedEmail } from '../../../src/domain/auth/registration.service.ts';
import * as errors from '../../../src/domain/errors.ts';
import { setSessionCookie } from '../../session-cookie.ts';
import { ATTEMPT } from '../attempt.ts';
import { builder } from '../builder.ts';
import { failsWith } from '../errors.ts';
import { UserNode } from './account.ts';
import { MailPayload } from './mail.ts';

const RegisterPayload = builder
  .objectRef<{ readonly isUsable: boolean; readonly isVerified: boolean }>('RegisterPayload')
  .implement({
    fields: (t) => ({
      isUsable: t.exposeBoolean('isUsable', {
        description: 'Log in now; otherwise follow the link of the mail first',
      }),
      isVerified: t.exposeBoolean('isVerified', { description: 'The address is known to be his' }),
    }),
  });

const VerifyEmailPayload = builder
  .objectRef<VerifiedEmail | { readonly username: null; readonly session: null }>('VerifyEmailPayload')
  .implement({
    fields: (t) => ({
      user: t.field({
        type: UserNode,
        nullable: true,
        description: 'Null when the link is wrong, used or too old',
        resolve: ({ username }, _args, { services }) =>
          username === null ? null : services.profiles.profile(username),
      }),
      isLoggedIn: t.boolean({
        description: 'The answer carries the cookie of a session; not when the caller had a login',
        resolve: ({ session }) => session !== null,
      }),
    }),
  });

const RegisterInput = builder.inputType('RegisterInput', {
  fields: (t) => ({
    username: t.string({ required: true }),
    email: t.string({ required: true }),
    password: t.string({ required: true }),
    invitationToken: t.string({ description: 'Of the link of an invitation' }),
  }),
});

const VerifyEmailInput = builder.inputType('VerifyEmailInput', {
  fields: (t) => ({ token: t.string({ required: true, description: 'Of the link of the mail' }) }),
});

const ResendVerificationInput = builder.inputType('ResendVerificationInput', {
  fields: (t) => ({ email: t.string({ required: true }) }),
});

builder.mutationFields((t) => ({
  register: t.field({
    type: RegisterPayload,
    ...ATTEMPT,
    ...failsWith(errors.Conflict, errors.TooManyRequests, errors.Unavailable),
    args: { input: t.arg({ type: RegisterInput, required: true }) },
    resolve: (_root, { input }, { services, client }) =>
      services.registration.register(
        { ...input, invitationToken: input.invitationToken ?? undefined },
        client,
      ),
  }),
  verifyEmail: t.field({
    type: VerifyEmailPayload,
    ...ATTEMPT,
    ...failsWith(),
    args: { input: t.arg({ type: VerifyEmailInput, required: true }) },
    resolve: async (_root, { input }, context) => {
      const { services, actor, client } = context;
      const verified = await services.registration.verifyEmail(actor, input.token, client);
      if (verified?.session) setSessionCookie(context, verified.session);
      return verified ?? { username: null, session: null };
    },
  }),
  resendVerification: t.field({
    type: MailPayload,
    ...ATTEMPT,
    ...failsWith(errors.TooManyRequests),
    args: { input: t.arg({ type: ResendVerificationInput, required: true }) },
    resolve: async (_root, { input }, { services, client }) => {
      await services.registration.resendVerification(input, client);
      return { message: 'If this address waits for verification, a new link was sent to it.' };
    },
  }),
}));
