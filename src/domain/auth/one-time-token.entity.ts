import { defineEntity, p } from '@mikro-orm/core';
import { Account } from '../account/account.entity.ts';

export const ONE_TIME_PURPOSES = ['verify-email', 'change-email', 'reset-password'] as const;
export type OneTimePurpose = (typeof ONE_TIME_PURPOSES)[number];

const OneTimeTokenSchema = defineEntity({
  name: 'OneTimeToken',
  tableName: 'one_time_token',
  properties: {
    id: p.bigint('number').primary(),
    purpose: p.enum(ONE_TIME_PURPOSES),
    /** SHA-256 of the secret in the mailed link. */
    tokenHash: p.blob().unique(),
    user: () => p.manyToOne(Account).ref().deleteRule('cascade').index(),
    /** The address the link was sent to; a later change of address makes the token useless. */
    email: p.string().length(320),
    expiresAt: p.datetime(),
    createdAt: p.datetime().defaultRaw('now()'),
  },
});

/** A secret that is mailed and works once. */
export class OneTimeToken extends OneTimeTokenSchema.class {}
OneTimeTokenSchema.setClass(OneTimeToken);
