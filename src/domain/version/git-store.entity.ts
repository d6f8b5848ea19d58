import { defineEntity, p } from '@mikro-orm/core';
import { Repo } from '../repo/repo.entity.ts';

export const STORE_BACKENDS = ['native', 'lakefs'] as const;

const GitStoreSchema = defineEntity({
  name: 'GitStore',
  tableName: 'git_store',
  properties: {
    id: p.bigint('number').primary(),
    /** Null once the repository is deleted: a job then removes the store's rows and bytes. */
    repo: () => p.oneToOne(Repo).ref().nullable().owner().deleteRule('set null').unique(),
    backend: p.enum(STORE_BACKENDS).default('native'),
    createdAt: p.datetime().defaultRaw('now()'),
  },
});

/** The versions of one repository: the scope of every Git object, so that nothing is reachable from another repository. */
export class GitStore extends GitStoreSchema.class {}
GitStoreSchema.setClass(GitStore);
