import { defineEntity, p } from '@mikro-orm/core';
import { Account } from '../account/account.entity.ts';

const SessionSchema = defineEntity({
  name: 'Session',
  tableName: 'session',
  properties: {
    id: p.bigint('number').primary(),
    /** SHA-256 of the cookie's value; the value itself is never stored. */
    secretHash: p.blob().unique(),
    user: () => p.manyToOne(Account).ref().deleteRule('cascade').index(),
    userAgent: p.string().length(400).nullable(),
    expiresAt: p.datetime().index(),
    createdAt: p.datetime().defaultRaw('now()'),
  },
});

/** A browser login. */
export class Session extends SessionSchema.class {}
SessionSchema.setClass(Session);
