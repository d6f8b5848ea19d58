import { defineEntity, p } from '@mikro-orm/core';
import { Account } from '../account/account.entity.ts';
import { ORG_ROLES } from '../org/membership.entity.ts';

export const INVITATION_ACTIONS = ['join_org', 'register_account'] as const;

const InvitationSchema = defineEntity({
  name: 'Invitation',
  tableName: 'invitation',
  properties: {
    id: p.bigint('number').primary(),
    action: p.enum(INVITATION_ACTIONS),
    /** SHA-256 of the secret in the link. */
    tokenHash: p.blob().unique(),
    org: () => p.manyToOne(Account).ref().nullable().deleteRule('cascade').index(),
    role: p.enum(ORG_ROLES).nullable(),
    /** When set, only this verified address may accept. */
    normalizedEmail: p.string().length(320).nullable(),
    createdBy: () => p.manyToOne(Account).ref().nullable().deleteRule('set null').index(),
    /** Null means unlimited uses. */
    maxUsage: p.integer().nullable(),
    usageCount: p.integer().default(0),
    expiresAt: p.datetime(),
    createdAt: p.datetime().defaultRaw('now()'),
  },
});

export class Invitation extends InvitationSchema.class {}
InvitationSchema.setClass(Invitation);
