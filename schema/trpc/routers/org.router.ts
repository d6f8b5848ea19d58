import { z } from 'zod';
import { REPO_SORTS } from '../../../src/domain/repo/repo-list.queries.ts';
import { REPO_TYPES } from '../../../src/domain/repo/repo.entity.ts';
import { orgDto, orgInfoDto, orgOfUserDto } from '../dto/org.dto.ts';
import { repoDto } from '../dto/repo.dto.ts';
import { entriesCost } from '../budget.ts';
import { NameText, OfNamespace, OfOrganization, OfUser, PageInput } from '../inputs.ts';
import { costs, procedure, publicProcedure, router } from '../trpc.ts';

/** A field that is left out stays as it is; null clears it. */
const ProfileInput = OfOrganization.extend({
  fullName: z.string().max(1000).nullable().optional(),
  description: z.string().max(10_000).nullable().optional(),
  bio: z.string().max(100_000).nullable().optional(),
  website: z.string().max(2000).nullable().optional(),
  socialLinks: z.record(z.string().max(100), z.string().max(1000)).nullable().optional(),
});

/** Organizations: what they are, whose they are, and their end. */
export const orgRouter = router({
  get: publicProcedure
    .input(OfOrganization)
    .query(async ({ ctx: { services, actor }, input }) =>
      orgInfoDto(await services.orgInfo.info(actor, input.organization)),
    ),
  ofUser: publicProcedure
    .input(OfUser.extend(PageInput.shape))
    .use(costs(({ limit }) => entriesCost(limit)))
    .query(async ({ ctx: { services }, input: { username, ...page } }) => {
      const { items, nextCursor } = await services.orgInfo.orgsOf(username, page);
      return { items: items.map(orgOfUserDto), nextCursor };
    }),
  /** Of an organization or a user. */
  repos: publicProcedure
    .input(
      OfNamespace.extend({
        ...PageInput.shape,
        type: z.enum(REPO_TYPES).default('model'),
        sort: z.enum(REPO_SORTS).default('lastModified'),
      }),
    )
    .use(costs(({ limit }) => entriesCost(limit)))
    .query(async ({ ctx: { services, actor }, input: { namespace, ...query } }) => {
      const { items, nextCursor } = await services.repoLists.listOf(actor, namespace, query);
      return { items: items.map(repoDto), nextCursor };
    }),
  create: procedure
    .input(OfOrganization.extend({ description: z.string().max(10_000).nullable().optional() }))
    .mutation(async ({ ctx: { services, actor }, input: { organization, description } }) => {
      const { name } = await services.orgs.create(actor, { name: organization, description });
      return orgDto(await services.orgInfo.profile(name));
    }),
  updateProfile: procedure
    .input(ProfileInput)
    .mutation(async ({ ctx: { services, actor }, input: { organization, ...change } }) => {
      await services.orgs.updateProfile(actor, organization, change);
      return orgDto(await services.orgInfo.profile(organization));
    }),
  rename: procedure
    .input(OfOrganization.extend({ to: NameText }))
    .mutation(({ ctx: { services, actor }, input: { organization, to } }) =>
      services.orgs.rename(actor, organization, to),
    ),
  delete: procedure
    .input(OfOrganization.extend({ endsRedirects: z.boolean().default(false) }))
    .mutation(async ({ ctx: { services, actor }, input: { organization, endsRedirects } }) => {
      await services.orgs.delete(actor, organization, { endsRedirects });
    }),
});
