import { defineEntity, p } from '@mikro-orm/core';

const OutboxSchema = defineEntity({
  name: 'Outbox',
  tableName: 'outbox',
  properties: {
    id: p.bigint('number').primary(),
    kind: p.string().length(40),
    payload: p.json<Record<string, unknown>>(),
    attempts: p.integer().default(0),
    nextAttemptAt: p.datetime().defaultRaw('now()').index(),
    createdAt: p.datetime().defaultRaw('now()'),
  },
});

/** Work that a committed transaction promised: card indexing, notifications, mirrors. */
export class Outbox extends OutboxSchema.class {}
OutboxSchema.setClass(Outbox);
