import { z } from 'zod';
import { MAX_AVATAR_BYTES } from '../../../src/domain/account/avatar-image.ts';
import { secretText, shortText } from '../account-inputs.ts';
import { aloneProcedure } from '../alone.ts';
import { avatarDto, overviewDto, ownAccountDto, profileDto, whoamiDto } from '../dto/account.dto.ts';
import { OfNamespace, OfUser } from '../inputs.ts';
import { procedure, publicProcedure, router } from '../trpc.ts';

/** A field that is left out stays as it is; null clears it. */
const ProfileInput = OfUser.extend({
  fullName: z.string().max(1000).nullable().optional(),
  bio: z.string().max(100_000).nullable().optional(),
  website: z.string().max(2000).nullable().optional(),
  socialLinks: z.record(z.string().max(100), z.string().max(1000)).nullable().optional(),
});

const DeletionInput = OfUser.extend({
  password: secretText,
  endsRedirects: z.boolean().default(false).describe('Give up former names of moved repositories'),
});

const PictureInput = OfNamespace.extend({
  imageBase64: z
    .base64()
    .max(Math.ceil(MAX_AVATAR_BYTES / 3) * 4)
    .describe('A JPEG, PNG, WebP or GIF file; larger ones than a request may be go by REST'),
});

/** The caller's account, and what everybody may know of others. */
export const accountRouter = router({
  own: procedure.query(async ({ ctx: { services, actor } }) =>
    ownAccountDto(await services.accounts.own(actor)),
  ),
  whoami: procedure.query(async ({ ctx: { services, actor } }) =>
    whoamiDto(await services.accounts.whoami(actor)),
  ),
  profile: publicProcedure
    .input(OfNamespace)
    .query(async ({ ctx: { services }, input }) =>
      profileDto(await services.profiles.profile(input.namespace)),
    ),
  overview: publicProcedure
    .input(OfUser)
    .query(async ({ ctx: { services, actor }, input }) =>
      overviewDto(await services.profiles.overview(actor, input.username)),
    ),
  updateProfile: procedure
    .input(ProfileInput)
    .mutation(async ({ ctx: { services, actor }, input: { username, ...change } }) => {
      await services.profiles.update(actor, username, change);
      return profileDto(await services.profiles.profile(username));
    }),
  requestEmailChange: aloneProcedure
    .input(z.object({ email: shortText }))
    .mutation(({ ctx: { services, actor, client }, input }) =>
      services.emailChanges.request(actor, input.email, client.address),
    ),
  confirmEmailChange: aloneProcedure
    .input(z.object({ token: shortText }))
    .mutation(async ({ ctx: { services }, input }) => ({
      username: await services.emailChanges.confirm(input.token),
    })),
  deletion: procedure.input(OfUser).query(async ({ ctx: { services, actor }, input }) => {
    const { repos, orgs, redirects } = await services.accountDeletions.preview(actor, input.username);
    return { repos: [...repos], organizations: [...orgs], redirects: [...redirects] };
  }),
  delete: aloneProcedure
    .input(DeletionInput)
    .mutation(async ({ ctx: { services, actor, client }, input: { username, ...request } }) => {
      await services.accountDeletions.delete(actor, username, { ...request, address: client.address });
    }),
  checkName: publicProcedure
    .input(z.object({ name: shortText }))
    .query(({ ctx: { services }, input }) => services.names.checkAccountName(input.name)),
  avatar: publicProcedure
    .input(OfNamespace)
    .query(async ({ ctx: { services }, input }) =>
      avatarDto(await services.avatars.find({ name: input.namespace })),
    ),
  setAvatar: procedure
    .input(PictureInput)
    .mutation(({ ctx: { services, actor }, input: { namespace, imageBase64 } }) =>
      services.avatars.set(actor, { name: namespace }, Buffer.from(imageBase64, 'base64')),
    ),
  removeAvatar: procedure.input(OfNamespace).mutation(async ({ ctx: { services, actor }, input }) => {
    await services.avatars.remove(actor, { name: input.namespace });
  }),
});
