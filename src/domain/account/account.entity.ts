import { defineEntity, p } from '@mikro-orm/core';

export const ACCOUNT_KINDS = ['user', 'org'] as const;
export type AccountKind = (typeof ACCOUNT_KINDS)[number];

const AccountSchema = defineEntity({
  name: 'Account',
  tableName: 'account',
  properties: {
    id: p.bigint('number').primary(),
    kind: p.enum(ACCOUNT_KINDS),
    name: p.string().length(96),
    /** See `account-name.ts`: two names with the same normal form are the same name. */
    normalizedName: p.string().length(96).unique(),
    email: p.string().length(320).nullable(),
    normalizedEmail: p.string().length(320).nullable().unique(),
    emailVerifiedAt: p.datetime().nullable(),
    passwordHash: p.text().nullable().lazy().hidden(),
    isActive: p.boolean().default(true),
    isAdmin: p.boolean().default(false),
    fullName: p.string().length(200).nullable(),
    /** What an organisation is, in a sentence or two. */
    description: p.text().nullable(),
    bio: p.text().nullable(),
    website: p.text().nullable(),
    socialLinks: p.json<Record<string, string>>().nullable(),
    /** Null means unlimited. */
    privateQuotaBytes: p.bigint('number').nullable(),
    publicQuotaBytes: p.bigint('number').nullable(),
    privateUsedBytes: p.bigint('number').default(0),
    publicUsedBytes: p.bigint('number').default(0),
    createdAt: p.datetime().defaultRaw('now()'),
  },
});

/** A namespace: a person or an organisation. Both share one space of names. */
export class Account extends AccountSchema.class {}
AccountSchema.setClass(Account);
