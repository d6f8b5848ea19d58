import { z } from 'zod';
import { ORG_ROLES } from '../../../src/domain/org/membership.entity.ts';
import { memberDto } from '../dto/org.dto.ts';
import { entriesCost } from '../budget.ts';
import { NameText, OfOrganization, PageInput } from '../inputs.ts';
import { costs, procedure, publicProcedure, router } from '../trpc.ts';

const MemberInput = OfOrganization.extend({ username: NameText });
const RoleInput = MemberInput.extend({ role: z.enum(ORG_ROLES) });

/** Members of organizations and their roles. */
export const memberRouter = router({
  list: publicProcedure
    .input(OfOrganization.extend(PageInput.shape))
    .use(costs(({ limit }) => entriesCost(limit)))
    .query(async ({ ctx: { services }, input: { organization, ...page } }) => {
      const { items, nextCursor } = await services.orgInfo.members(organization, page);
      return { items: items.map(memberDto), nextCursor };
    }),
  add: procedure
    .input(RoleInput)
    .mutation(async ({ ctx: { services, actor }, input: { organization, username, role } }) => {
      await services.orgs.addMember(actor, organization, username, role);
    }),
  changeRole: procedure
    .input(RoleInput)
    .mutation(async ({ ctx: { services, actor }, input: { organization, username, role } }) => {
      await services.orgs.changeRole(actor, organization, username, role);
    }),
  remove: procedure
    .input(MemberInput)
    .mutation(async ({ ctx: { services, actor }, input: { organization, username } }) => {
      await services.orgs.removeMember(actor, organization, username);
    }),
});
