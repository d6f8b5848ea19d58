import { defineEntity, p } from '@mikro-orm/core';
import { Account } from '../account/account.entity.ts';

const GitCommitSchema = defineEntity({
  name: 'GitCommit',
  tableName: 'git_commit',
  indexes: [{ properties: ['storeId', 'generation'] }],
  properties: {
    storeId: p.bigint('number').primary(),
    oid: p.blob().primary(),
    treeOid: p.blob(),
    /** Parent ids, 20 bytes each, one after the other. */
    parents: p.blob(),
    /** One more than the largest of the parents; 1 for a root. */
    generation: p.integer(),
    authorName: p.text(),
    authorEmail: p.text(),
    authoredAt: p.datetime(),
    committedAt: p.datetime(),
    title: p.text(),
    body: p.text(),
    /** Who wrote it through the hub; null for commits that came by push from somebody else. */
    user: () => p.manyToOne(Account).ref().nullable().deleteRule('set null'),
  },
});

/** A commit's fields, so that history pages need no object parsing. */
export class GitCommit extends GitCommitSchema.class {}
GitCommitSchema.setClass(GitCommit);
