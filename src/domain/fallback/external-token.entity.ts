import { defineEntity, p } from '@mikro-orm/core';
import { Account } from '../account/account.entity.ts';

const ExternalTokenSchema = defineEntity({
  name: 'ExternalToken',
  tableName: 'external_token',
  uniques: [{ properties: ['user', 'url'] }],
  properties: {
    id: p.bigint('number').primary(),
    user: () => p.manyToOne(Account).ref().deleteRule('cascade'),
    /** Origin of the other hub, without a trailing slash. */
    url: p.text(),
    /** AES-256-GCM: 12-byte nonce, ciphertext, 16-byte tag. */
    encryptedToken: p.blob().lazy().hidden(),
    createdAt: p.datetime().defaultRaw('now()'),
    updatedAt: p.datetime().defaultRaw('now()'),
  },
});

/** A user's own token for another hub. */
export class ExternalToken extends ExternalTokenSchema.class {}
ExternalTokenSchema.setClass(ExternalToken);
