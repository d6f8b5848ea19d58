import { z } from 'zod';
import { MAX_INVITATION_PAGE } from '../../../src/domain/invitation/invitation.service.ts';
import { ORG_ROLES } from '../../../src/domain/org/membership.entity.ts';
import type { InvitationInfo } from '../../../src/domain/invitation/invitation-info.ts';
import type { Page } from '../../../src/domain/version/values.ts';
import { shortText } from '../account-inputs.ts';
import { entriesCost } from '../budget.ts';
import { createdInvitationDto, invitationDto } from '../dto/invitation.dto.ts';
import { IdInput, OfOrganization } from '../inputs.ts';
import { costs, procedure, publicProcedure, router } from '../trpc.ts';

const LinkInput = z.object({ token: shortText.describe('Of the link') });

const TermsInput = z.object({
  email: shortText.nullable().default(null).describe('Only its owner can use it; it is mailed there'),
  maxUsage: z.int().nullable().default(1).describe('Null: as often as anybody likes'),
  expiresInDays: z.int().default(7),
});

const MemberInput = OfOrganization.extend({ role: z.enum(ORG_ROLES).default('member') });

const InvitationPageInput = z.object({
  limit: z.int().min(1).max(MAX_INVITATION_PAGE).default(100),
  cursor: z
    .string()
    .regex(/^\d{1,15}$/)
    .transform(Number)
    .optional(),
});

/** Invitations into organizations, and to make an account; `admin.invitations` lists the latter. */
export const invitationRouter = router({
  details: publicProcedure
    .input(LinkInput)
    .query(async ({ ctx: { services }, input }) =>
      invitationDto(await services.invitations.details(input.token)),
    ),
  listForOrganization: procedure
    .input(OfOrganization.extend(InvitationPageInput.shape))
    .use(costs(({ limit }) => entriesCost(limit)))
    .query(async ({ ctx: { services, actor }, input: { organization, ...page } }) =>
      pageDto(await services.invitations.listForOrg(actor, organization, page)),
    ),
  createForOrganization: procedure
    .input(TermsInput.extend(MemberInput.shape))
    .mutation(async ({ ctx: { services, actor }, input: { organization, ...invitation } }) =>
      createdInvitationDto(await services.invitations.createForOrg(actor, organization, invitation)),
    ),
  createForRegistration: procedure
    .input(TermsInput.extend({ member: MemberInput.nullable().default(null) }))
    .mutation(async ({ ctx: { services, actor }, input: { member, ...terms } }) => {
      const org = member && { name: member.organization, role: member.role };
      return createdInvitationDto(await services.invitations.createForRegistration(actor, { ...terms, org }));
    }),
  accept: procedure.input(LinkInput).mutation(async ({ ctx: { services, actor }, input }) => {
    const { orgName, role } = await services.invitationUses.accept(actor, input.token);
    return { organization: orgName, role };
  }),
  cancel: procedure.input(LinkInput).mutation(async ({ ctx: { services, actor }, input }) => {
    await services.invitations.cancel(actor, input.token);
  }),
  cancelForOrganization: procedure
    .input(OfOrganization.extend(IdInput.shape))
    .mutation(async ({ ctx: { services, actor }, input }) => {
      await services.invitations.cancelForOrg(actor, input.organization, input.id);
    }),
});

function pageDto({ items, nextCursor }: Page<InvitationInfo>) {
  return { items: items.map(invitationDto), nextCursor };
}
