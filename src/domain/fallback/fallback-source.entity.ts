import { defineEntity, p } from '@mikro-orm/core';
import { Account } from '../account/account.entity.ts';

export const FALLBACK_SOURCE_TYPES = ['huggingface', 'kohakuhub'] as const;
export type FallbackSourceType = (typeof FALLBACK_SOURCE_TYPES)[number];

const FallbackSourceSchema = defineEntity({
  name: 'FallbackSource',
  tableName: 'fallback_source',
  properties: {
    id: p.bigint('number').primary(),
    /** Null: used for every namespace. */
    namespace: () => p.manyToOne(Account).ref().nullable().deleteRule('cascade').index(),
    url: p.text(),
    name: p.string().length(100),
    sourceType: p.enum(FALLBACK_SOURCE_TYPES),
    /** Lowest first. */
    priority: p.integer().default(100),
    isEnabled: p.boolean().default(true),
    encryptedToken: p.blob().nullable().lazy().hidden(),
    createdAt: p.datetime().defaultRaw('now()'),
    updatedAt: p.datetime().defaultRaw('now()'),
  },
});

/** Another hub that is asked when a repository is not found here. */
export class FallbackSource extends FallbackSourceSchema.class {}
FallbackSourceSchema.setClass(FallbackSource);
