import { defineEntity, p } from '@mikro-orm/core';
import { Account } from '../account/account.entity.ts';
import { Repo } from '../repo/repo.entity.ts';

const LfsLockSchema = defineEntity({
  name: 'LfsLock',
  tableName: 'lfs_lock',
  uniques: [{ properties: ['repo', 'pathSha256'] }],
  // A page of a repository's locks, in the order in which they were made.
  indexes: [{ properties: ['repo', 'id'] }],
  checks: [{ name: 'lfs_lock_path_check', expression: `path_sha256 = sha256(convert_to(path, 'UTF8'))` }],
  properties: {
    id: p.bigint('number').primary(),
    repo: () => p.manyToOne(Repo).ref().deleteRule('cascade'),
    path: p.text(),
    /** A path can be longer than what an index takes. */
    pathSha256: p.blob(),
    owner: () => p.manyToOne(Account).ref().deleteRule('cascade').index(),
    createdAt: p.datetime().defaultRaw('now()'),
  },
});

/** Somebody works on this file and asks the others not to push changes of it. One lock for a path of a repository. */
export class LfsLock extends LfsLockSchema.class {}
LfsLockSchema.setClass(LfsLock);
