import { defineEntity, p } from '@mikro-orm/core';
import { Account } from '../account/account.entity.ts';

export const TOKEN_ROLES = ['read', 'write'] as const;
export type TokenRole = (typeof TOKEN_ROLES)[number];

const AccessTokenSchema = defineEntity({
  name: 'AccessToken',
  tableName: 'access_token',
  properties: {
    id: p.bigint('number').primary(),
    user: () => p.manyToOne(Account).ref().deleteRule('cascade').index(),
    name: p.string().length(100),
    /** SHA-256 of the token; the token itself is shown once and never stored. */
    tokenHash: p.blob().unique(),
    role: p.enum(TOKEN_ROLES),
    lastUsedAt: p.datetime().nullable(),
    expiresAt: p.datetime().nullable(),
    createdAt: p.datetime().defaultRaw('now()'),
  },
});

/** An API token (`hf_…`) for clients that are not a browser. */
export class AccessToken extends AccessTokenSchema.class {}
AccessTokenSchema.setClass(AccessToken);
