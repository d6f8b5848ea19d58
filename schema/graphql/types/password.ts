import { requireUser } from '../../../src/domain/actor.ts';
import * as errors from '../../../src/domain/errors.ts';
import { ATTEMPT } from '../attempt.ts';
import { builder } from '../builder.ts';
import { failsWith } from '../errors.ts';
import { MailPayload } from './mail.ts';
import { ViewerObject } from './viewer.ts';

const ResetPasswordPayload = builder
  .objectRef<{ readonly message: string }>('ResetPasswordPayload')
  .implement({ fields: (t) => ({ message: t.exposeString('message') }) });

const ChangePasswordInput = builder.inputType('ChangePasswordInput', {
  fields: (t) => ({
    currentPassword: t.string({ required: true }),
    newPassword: t.string({ required: true }),
  }),
});

const RequestPasswordResetInput = builder.inputType('RequestPasswordResetInput', {
  fields: (t) => ({ email: t.string({ required: true }) }),
});

const ResetPasswordInput = builder.inputType('ResetPasswordInput', {
  fields: (t) => ({
    token: t.string({ required: true, description: 'The code of the mail' }),
    newPassword: t.string({ required: true }),
  }),
});

builder.mutationFields((t) => ({
  changePassword: t.field({
    type: ViewerObject,
    description: "Replaces the caller's password and ends his other sessions. Wrong passwords are counted.",
    ...ATTEMPT,
    ...failsWith(errors.TooManyRequests, errors.Unavailable),
    args: { input: t.arg({ type: ChangePasswordInput, required: true }) },
    resolve: async (_root, { input }, { services, actor, client }) => {
      await services.passwords.change(actor, { ...input, address: client.address });
      return requireUser(actor);
    },
  }),
  requestPasswordReset: t.field({
    type: MailPayload,
    description: 'Has a code mailed that sets a new password.',
    ...ATTEMPT,
    ...failsWith(errors.TooManyRequests),
    args: { input: t.arg({ type: RequestPasswordResetInput, required: true }) },
    resolve: async (_root, { input }, { services, client }) => {
      await services.passwordResets.request(input, client);
      return { message: 'If this address belongs to an account, a code was sent to it.' };
    },
  }),
  resetPassword: t.field({
    type: ResetPasswordPayload,
    description: 'Sets a new password with a mailed code, and ends all sessions.',
    ...ATTEMPT,
    ...failsWith(errors.TooManyRequests, errors.Unavailable),
    args: { input: t.arg({ type: ResetPasswordInput, required: true }) },
    resolve: async (_root, { input: { token, newPassword } }, { services }) => {
      await services.passwordResets.reset({ secret: token, newPassword });
      return { message: 'Password set. All sessions were ended.' };
    },
  }),
}));
