import { defineEntity, p } from '@mikro-orm/core';
import { GitStore } from '../version/git-store.entity.ts';

const GitCollectionSchema = defineEntity({
  name: 'GitCollection',
  tableName: 'git_collection',
  properties: {
    store: () => p.oneToOne(GitStore).ref().owner().primary().deleteRule('cascade'),
    /** Changes of refs before this moment need no further collection. */
    collectedUntil: p.datetime(),
  },
});

/** How far garbage collection got in a store. Not a column of the store: writers hold that row, and must not wait for this. */
export class GitCollection extends GitCollectionSchema.class {}
GitCollectionSchema.setClass(GitCollection);
