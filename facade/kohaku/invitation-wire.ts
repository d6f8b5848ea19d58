import { z } from 'zod';
import type { InvitationInfo } from '../../src/domain/invitation/invitation-info.ts';
import { INVITATION_ACTIONS } from '../../src/domain/invitation/invitation.entity.ts';
import type { CreatedInvitation, InvitationTerms } from '../../src/domain/invitation/invitation.service.ts';
import { ORG_ROLES } from '../../src/domain/org/membership.entity.ts';
import { wireDate } from '../wire/dates.ts';
import { shortText, wireDateSchema } from './schemas.ts';

const UNLIMITED = -1;

/** What invitations of both kinds are made of. */
export const termsBody = z.object({
  email: shortText.nullish().describe('Only the owner of this address can use it; it is mailed there'),
  max_usage: z.int().nullish().describe('null: once, -1: as often as anybody likes'),
  expires_days: z.int().default(7),
});

export function parseTerms({
  email,
  max_usage: maxUsage,
  expires_days: expiresInDays,
}: z.output<typeof termsBody>): InvitationTerms {
  return {
    email: email || null,
    maxUsage: maxUsage === UNLIMITED ? null : (maxUsage ?? 1),
    expiresInDays,
  };
}

const usage = {
  max_usage: z.int().nullable().describe('null: once, -1: as often as anybody likes'),
  is_reusable: z.boolean(),
};

export const createdInvitationSchema = z.object({
  success: z.literal(true),
  token: z.string().nullable().describe('Shown only now; null when it is only in the mail'),
  invitation_link: z.string().nullable(),
  expires_at: wireDateSchema,
  ...usage,
});

export function presentCreated({
  token,
  link,
  expiresAt,
  maxUsage,
}: CreatedInvitation): z.output<typeof createdInvitationSchema> {
  return {
    success: true,
    token,
    invitation_link: link,
    expires_at: wireDate(expiresAt),
    ...presentUsage(maxUsage),
  };
}

const role = z.enum(ORG_ROLES).nullable();

export const invitationDetailsSchema = z.object({
  action: z.enum(INVITATION_ACTIONS),
  inviter_username: z.string(),
  expires_at: wireDateSchema,
  is_expired: z.boolean(),
  is_available: z.boolean(),
  error_message: z.string().nullable().describe('Why it cannot be used'),
  usage_count: z.int(),
  ...usage,
  org_name: z.string().nullable(),
  role,
  email: z.string().nullable(),
});

export function presentDetails(info: InvitationInfo): z.output<typeof invitationDetailsSchema> {
  return {
    action: info.action,
    inviter_username: info.inviterName,
    expires_at: wireDate(info.expiresAt),
    is_expired: info.isExpired,
    is_available: info.problem === null,
    error_message: info.problem,
    usage_count: info.usageCount,
    ...presentUsage(info.maxUsage),
    org_name: info.org?.name ?? null,
    role: info.role,
    email: info.email,
  };
}

export const invitationListSchema = z.object({
  invitations: z.array(
    z.object({
      id: z.int(),
      action: z.enum(INVITATION_ACTIONS),
      token: z.null().describe('Kept for older clients; the hub stores only a hash'),
      email: z.string().nullable(),
      org_name: z.string().nullable(),
      role,
      created_by: z.string(),
      created_at: wireDateSchema,
      expires_at: wireDateSchema,
      usage_count: z.int(),
      ...usage,
      is_available: z.boolean(),
      error_message: z.string().nullable(),
      used_at: wireDateSchema.nullable(),
      is_pending: z.boolean().describe('Nobody has used it, and it can be used'),
    }),
  ),
});

export function presentInvitations(infos: readonly InvitationInfo[]): z.output<typeof invitationListSchema> {
  return {
    invitations: infos.map((info) => ({
      id: info.id,
      action: info.action,
      token: null,
      email: info.email,
      org_name: info.org?.name ?? null,
      role: info.role,
      created_by: info.inviterName,
      created_at: wireDate(info.createdAt),
      expires_at: wireDate(info.expiresAt),
      usage_count: info.usageCount,
      ...presentUsage(info.maxUsage),
      is_available: info.problem === null,
      error_message: info.problem,
      used_at: info.lastUsedAt && wireDate(info.lastUsedAt),
      is_pending: info.problem === null && info.usageCount === 0,
    })),
  };
}

function presentUsage(maxUsage: number | null): { max_usage: number | null; is_reusable: boolean } {
  if (maxUsage === 1) return { max_usage: null, is_reusable: false };
  return { max_usage: maxUsage ?? UNLIMITED, is_reusable: true };
}

/** A page of invitations; the cursor is the id of the last one. */
export const invitationPageQuery = z.object({
  limit: z.coerce.number().int().min(1).default(100).describe('At most 1000'),
  cursor: z.coerce.number().int().positive().optional(),
});

export const invitationIdPath = z.object({ id: z.coerce.number().int().positive() });

export const tokenPath = z.object({ token: shortText });
