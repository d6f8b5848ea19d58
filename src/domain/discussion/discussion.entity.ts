import { defineEntity, p } from '@mikro-orm/core';
import { Account } from '../account/account.entity.ts';
import { Repo } from '../repo/repo.entity.ts';

export const DISCUSSION_STATUSES = ['draft', 'open', 'closed', 'merged'] as const;
export type DiscussionStatus = (typeof DISCUSSION_STATUSES)[number];

const DiscussionSchema = defineEntity({
  name: 'Discussion',
  tableName: 'discussion',
  uniques: [{ properties: ['repo', 'number'] }],
  properties: {
    id: p.bigint('number').primary(),
    repo: () => p.manyToOne(Repo).ref().deleteRule('cascade'),
    /** Discussions and pull requests share the repository's counter. */
    number: p.integer(),
    title: p.text(),
    author: () => p.manyToOne(Account).ref().nullable().deleteRule('set null').index(),
    isPullRequest: p.boolean(),
    status: p.enum(DISCUSSION_STATUSES),
    /** Full name of the branch a pull request wants to change, such as `refs/heads/main`. */
    baseRef: p.text().nullable(),
    mergeCommitOid: p.blob().nullable(),
    createdAt: p.datetime().defaultRaw('now()'),
  },
});

export class Discussion extends DiscussionSchema.class {}
DiscussionSchema.setClass(Discussion);
