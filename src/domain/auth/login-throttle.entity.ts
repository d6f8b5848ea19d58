import { defineEntity, p } from '@mikro-orm/core';

const LoginThrottleSchema = defineEntity({
  name: 'LoginThrottle',
  tableName: 'login_throttle',
  // Columns as `rate-limiter-flexible` expects them in a PostgreSQL store.
  properties: {
    key: p.string().length(255).primary(),
    points: p.integer().default(0),
    /** Milliseconds since the epoch. */
    expire: p.bigint('number').nullable().index(),
  },
});

/** Failed attempts per account and per address, shared by all nodes. */
export class LoginThrottle extends LoginThrottleSchema.class {}
LoginThrottleSchema.setClass(LoginThrottle);
