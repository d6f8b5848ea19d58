import { z } from 'zod';
import { REPO_SORTS } from '../../../src/domain/repo/repo-list.queries.ts';
import { REPO_TYPES } from '../../../src/domain/repo/repo.entity.ts';
import { orgDto, orgInfoDto, orgOfUserDto } from '../dto/org.dto.ts';
import { repoDto } from '../dto/repo.dto.ts';
import { NameText, PageInput } from '../inputs.ts';
import { procedure, publicProcedure, router } from '../trpc.ts';

const OrgInput = z.object({ name: NameText });

/** A field that is left out stays as it is; null clears it. */
const ProfileInput = OrgInput.extend({
  fullName: z.string().max(1000).nullable().optional(),
  description: z.string().max(10_000).nullable().optional(),
  bio: z.string().max(100_000).nullable().optional(),
  website: z.string().max(2000).nullable().optional(),
  socialLinks: z.record(z.string().max(100), z.string().max(1000)).nullable().optional(),
});

/** Organizations: what they are, whose they are, and their end. */
export const orgRouter = router({
  get: publicProcedure
    .input(OrgInput)
    .query(async ({ ctx: { services, actor }, input }) =>
      orgInfoDto(await services.orgInfo.info(actor, input.name)),
    ),
  ofUser: publicProcedure
    .input(PageInput.extend({ username: NameText }))
    .query(async ({ ctx: { services }, input: { username, ...page } }) => {
      const { items, nextCursor } = await services.orgInfo.orgsOf(username, page);
      return { items: items.map(orgOfUserDto), nextCursor };
    }),
  /** Of an organization or a user. */
  repos: publicProcedure
    .input(
      PageInput.extend({
        namespace: NameText,
        type: z.enum(REPO_TYPES).default('model'),
        sort: z.enum(REPO_SORTS).default('lastModified'),
      }),
    )
    .query(async ({ ctx: { services, actor }, input: { namespace, ...query } }) => {
      const { items, nextCursor } = await services.repoLists.listOf(actor, namespace, query);
      return { items: items.map(repoDto), nextCursor };
    }),
  create: procedure
    .input(OrgInput.extend({ description: z.string().max(10_000).nullable().optional() }))
    .mutation(async ({ ctx: { services, actor }, input }) => {
      const { name } = await services.orgs.create(actor, input);
      return orgDto(await services.orgInfo.profile(name));
    }),
  updateProfile: procedure
    .input(ProfileInput)
    .mutation(async ({ ctx: { services, actor }, input: { name, ...change } }) => {
      await services.orgs.updateProfile(actor, name, change);
      return orgDto(await services.orgInfo.profile(name));
    }),
  rename: procedure
    .input(OrgInput.extend({ to: NameText }))
    .mutation(({ ctx: { services, actor }, input }) => services.orgs.rename(actor, input.name, input.to)),
  delete: procedure
    .input(OrgInput.extend({ endsRedirects: z.boolean().default(false) }))
    .mutation(async ({ ctx: { services, actor }, input: { name, endsRedirects } }) => {
      await services.orgs.delete(actor, name, { endsRedirects });
    }),
});
