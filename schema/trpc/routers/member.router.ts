import { z } from 'zod';
import { ORG_ROLES } from '../../../src/domain/org/membership.entity.ts';
import { memberDto } from '../dto/org.dto.ts';
import { NameText, PageInput } from '../inputs.ts';
import { procedure, publicProcedure, router } from '../trpc.ts';

const MemberInput = z.object({ org: NameText, username: NameText });
const RoleInput = MemberInput.extend({ role: z.enum(ORG_ROLES) });

/** Members of organizations and their roles. */
export const memberRouter = router({
  list: publicProcedure
    .input(PageInput.extend({ org: NameText }))
    .query(async ({ ctx: { services }, input: { org, ...page } }) => {
      const { items, nextCursor } = await services.orgInfo.members(org, page);
      return { items: items.map(memberDto), nextCursor };
    }),
  add: procedure
    .input(RoleInput)
    .mutation(async ({ ctx: { services, actor }, input: { org, username, role } }) => {
      await services.orgs.addMember(actor, org, username, role);
    }),
  changeRole: procedure
    .input(RoleInput)
    .mutation(async ({ ctx: { services, actor }, input: { org, username, role } }) => {
      await services.orgs.changeRole(actor, org, username, role);
    }),
  remove: procedure
    .input(MemberInput)
    .mutation(async ({ ctx: { services, actor }, input: { org, username } }) => {
      await services.orgs.removeMember(actor, org, username);
    }),
});
