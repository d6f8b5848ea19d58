import { defineEntity, p } from '@mikro-orm/core';
import { Account } from './account.entity.ts';

const FormerNameSchema = defineEntity({
  name: 'FormerName',
  tableName: 'former_name',
  properties: {
    /** In the form of `account.normalized_name`. */
    normalizedName: p.string().length(96).primary(),
    account: () => p.manyToOne(Account).ref().deleteRule('cascade').index(),
    createdAt: p.datetime().defaultRaw('now()'),
  },
});

/**
 * A name that an account had before. It leads to the account for as long as that exists, and nobody else may have it:
 * whoever took it would get what the world still sends to the old addresses.
 */
export class FormerName extends FormerNameSchema.class {}
FormerNameSchema.setClass(FormerName);
