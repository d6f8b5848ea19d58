import { MAX_AVATAR_BYTES } from '../../../src/domain/account/avatar-image.ts';
import * as errors from '../../../src/domain/errors.ts';
import { decodeBase64 } from '../../../src/lib/base64.ts';
import { COST } from '../../costs.ts';
import { ATTEMPT } from '../attempt.ts';
import { builder } from '../builder.ts';
import { deleted, DeletedObject } from '../deleted.ts';
import { failsWith } from '../errors.ts';
import { parseTexts } from '../json-input.ts';
import { NamespaceInterface, UserNode } from './account.ts';
import { NameCheckObject } from './name-check.ts';

builder.queryField('checkAccountName', (t) =>
  t.field({
    type: NameCheckObject,
    description: 'For the name of a new user or organization',
    args: { name: t.arg.string({ required: true }) },
    resolve: (_root, { name }, { services }) => services.names.checkAccountName(name),
  }),
);

const RequestEmailChangePayload = builder
  .objectRef<{ readonly isEffective: boolean }>('RequestEmailChangePayload')
  .implement({
    fields: (t) => ({
      isEffective: t.exposeBoolean('isEffective', {
        description: 'The address counts already; otherwise once the link was followed that was mailed to it',
      }),
    }),
  });

const ConfirmEmailChangePayload = builder
  .objectRef<{ readonly username: string | null }>('ConfirmEmailChangePayload')
  .implement({
    fields: (t) => ({
      user: t.field({
        type: UserNode,
        nullable: true,
        description: 'Null when the link is wrong, used or too old',
        resolve: ({ username }, _args, { services }) =>
          username === null ? null : services.profiles.profile(username),
      }),
    }),
  });

/** Of a changed picture. */
const AvatarPayload = builder.objectRef<{ readonly namespace: string }>('AvatarPayload').implement({
  fields: (t) => ({
    namespace: t.field({
      type: NamespaceInterface,
      resolve: ({ namespace }, _args, { services }) => services.profiles.profile(namespace),
    }),
  }),
});

const UpdateProfileInput = builder.inputType('UpdateProfileInput', {
  description: 'A field that is left out stays as it is; null clears it.',
  fields: (t) => ({
    username: t.string({ required: true, description: "The caller's own" }),
    fullName: t.string(),
    bio: t.string(),
    website: t.string({ description: 'An http or https URL' }),
    socialLinks: t.field({ type: 'JSON', description: 'Names or addresses by network, such as `github`' }),
  }),
});

const RequestEmailChangeInput = builder.inputType('RequestEmailChangeInput', {
  fields: (t) => ({ email: t.string({ required: true }) }),
});

const ConfirmEmailChangeInput = builder.inputType('ConfirmEmailChangeInput', {
  fields: (t) => ({ token: t.string({ required: true, description: 'Of the link of the mail' }) }),
});

const NAMESPACE = 'The caller, or an organization that he is an admin of';

const SetAvatarInput = builder.inputType('SetAvatarInput', {
  fields: (t) => ({
    namespace: t.string({ required: true, description: NAMESPACE }),
    imageBase64: t.string({
      required: true,
      description: 'A JPEG, PNG, WebP or GIF file; larger ones than a request may be go by REST',
    }),
  }),
});

const RemoveAvatarInput = builder.inputType('RemoveAvatarInput', {
  fields: (t) => ({ namespace: t.string({ required: true, description: NAMESPACE }) }),
});

const DeleteAccountInput = builder.inputType('DeleteAccountInput', {
  fields: (t) => ({
    username: t.string({ required: true, description: "The caller's own" }),
    password: t.string({ required: true }),
    endsRedirects: t.boolean({
      required: true,
      defaultValue: false,
      description: 'Give up former names of repositories that were moved elsewhere',
    }),
  }),
});

builder.mutationFields((t) => ({
  updateProfile: t.field({
    type: UserNode,
    ...failsWith(errors.NotFound),
    args: { input: t.arg({ type: UpdateProfileInput, required: true }) },
    resolve: async (_root, { input: { username, socialLinks, ...texts } }, { services, actor }) => {
      const change = { ...texts, socialLinks: parseTexts(socialLinks, 'socialLinks') };
      await services.profiles.update(actor, username, change);
      return services.profiles.profile(username);
    },
  }),
  requestEmailChange: t.field({
    type: RequestEmailChangePayload,
    description: 'Has a link mailed to another address. The old address is told.',
    ...ATTEMPT,
    ...failsWith(errors.Conflict, errors.TooManyRequests),
    args: { input: t.arg({ type: RequestEmailChangeInput, required: true }) },
    resolve: (_root, { input }, { services, actor, client }) =>
      services.emailChanges.request(actor, input.email, client.address),
  }),
  confirmEmailChange: t.field({
    type: ConfirmEmailChangePayload,
    ...ATTEMPT,
    ...failsWith(),
    args: { input: t.arg({ type: ConfirmEmailChangeInput, required: true }) },
    resolve: async (_root, { input }, { services }) => ({
      username: await services.emailChanges.confirm(input.token),
    }),
  }),
  setAvatar: t.field({
    type: AvatarPayload,
    description: 'Makes a square JPEG of at most 1024 pixels of a picture.',
    complexity: COST.picture,
    ...failsWith(errors.NotFound, errors.PayloadTooLarge, errors.Unavailable),
    args: { input: t.arg({ type: SetAvatarInput, required: true }) },
    resolve: async (_root, { input }, { services, actor }) => {
      await services.avatars.set(actor, { name: input.namespace }, pictureOf(input.imageBase64));
      return input;
    },
  }),
  removeAvatar: t.field({
    type: AvatarPayload,
    description: 'Goes back to the default picture.',
    ...failsWith(errors.NotFound),
    args: { input: t.arg({ type: RemoveAvatarInput, required: true }) },
    resolve: async (_root, { input }, { services, actor }) => {
      await services.avatars.remove(actor, { name: input.namespace });
      return input;
    },
  }),
  deleteAccount: t.field({
    type: DeletedObject,
    description: 'Ends the account of the caller. Wrong passwords are counted.',
    ...ATTEMPT,
    ...failsWith(errors.NotFound, errors.Conflict, errors.TooManyRequests, errors.Unavailable),
    args: { input: t.arg({ type: DeleteAccountInput, required: true }) },
    resolve: async (_root, { input: { username, ...request } }, { services, actor, client }) => {
      const deletion = { ...request, address: client.address };
      return deleted('User', await services.accountDeletions.delete(actor, username, deletion));
    },
  }),
}));

/** @throws {BadRequest} @throws {PayloadTooLarge} */
function pictureOf(imageBase64: string): Buffer {
  const file = decodeBase64(imageBase64);
  if (!file) throw new errors.BadRequest('imageBase64: this is not base64.');
  if (file.length <= MAX_AVATAR_BYTES) return file;
  throw new errors.PayloadTooLarge(`imageBase64: the picture is larger than ${MAX_AVATAR_BYTES} bytes.`);
}
