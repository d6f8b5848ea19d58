import { defineEntity, p } from '@mikro-orm/core';
import { Account } from '../account/account.entity.ts';

/** Lowest first; a role may do all that the roles before it may do. */
export const ORG_ROLES = ['visitor', 'member', 'admin', 'super-admin'] as const;
export type OrgRole = (typeof ORG_ROLES)[number];

const MembershipSchema = defineEntity({
  name: 'Membership',
  tableName: 'membership',
  uniques: [{ properties: ['org', 'user'] }],
  properties: {
    id: p.bigint('number').primary(),
    org: () => p.manyToOne(Account).ref().deleteRule('cascade'),
    user: () => p.manyToOne(Account).ref().deleteRule('cascade').index(),
    role: p.enum(ORG_ROLES),
    createdAt: p.datetime().defaultRaw('now()'),
  },
});

export class Membership extends MembershipSchema.class {}
MembershipSchema.setClass(Membership);
