import { defineEntity, p } from '@mikro-orm/core';

const StorageIntentSchema = defineEntity({
  name: 'StorageIntent',
  tableName: 'storage_intent',
  properties: {
    /** Object store key, written here before the first byte goes there. */
    key: p.text().primary(),
    createdAt: p.datetime().defaultRaw('now()'),
    expiresAt: p.datetime().index(),
  },
});

/** A key that may hold bytes which no row names yet. The sweeper deletes those whose time is over. */
export class StorageIntent extends StorageIntentSchema.class {}
StorageIntentSchema.setClass(StorageIntent);
