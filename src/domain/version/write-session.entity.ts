import { defineEntity, p } from '@mikro-orm/core';

const WriteSessionSchema = defineEntity({
  name: 'WriteSession',
  tableName: 'write_session',
  properties: {
    id: p.uuid().primary(),
    storeId: p.bigint('number').index(),
    startedAt: p.datetime().defaultRaw('now()'),
    heartbeatAt: p.datetime().defaultRaw('now()'),
  },
});

/** A write under way: garbage collection keeps everything younger than the oldest one. */
export class WriteSession extends WriteSessionSchema.class {}
WriteSessionSchema.setClass(WriteSession);
