import { defineEntity, p } from '@mikro-orm/core';
import { Account } from '../account/account.entity.ts';
import { ORG_ROLES } from '../org/membership.entity.ts';

export const INVITATION_ACTIONS = ['join_org', 'register_account'] as const;
export type InvitationAction = (typeof INVITATION_ACTIONS)[number];

const InvitationSchema = defineEntity({
  name: 'Invitation',
  tableName: 'invitation',
  checks: [
    { name: 'invitation_usage_check', expression: 'usage_count <= max_usage' },
    { name: 'invitation_org_role_check', expression: '(org_id is null) = (role is null)' },
    { name: 'invitation_join_org_check', expression: "action <> 'join_org' or org_id is not null" },
  ],
  properties: {
    id: p.bigint('number').primary(),
    action: p.enum(INVITATION_ACTIONS),
    /** SHA-256 of the secret in the link. */
    tokenHash: p.blob().unique(),
    org: () => p.manyToOne(Account).ref().nullable().deleteRule('cascade').index(),
    role: p.enum(ORG_ROLES).nullable(),
    /** When set, only this verified address may accept. */
    normalizedEmail: p.string().length(320).nullable(),
    /** The invitation is worth what this person may do; see `invitation.policy.ts`. */
    createdBy: () => p.manyToOne(Account).ref().deleteRule('cascade').index(),
    /** Null means unlimited uses. */
    maxUsage: p.integer().nullable(),
    usageCount: p.integer().default(0),
    lastUsedAt: p.datetime().nullable(),
    expiresAt: p.datetime(),
    createdAt: p.datetime().defaultRaw('now()'),
  },
});

/** Somebody may join an organisation, or make an account and perhaps join one with it. */
export class Invitation extends InvitationSchema.class {}
InvitationSchema.setClass(Invitation);
