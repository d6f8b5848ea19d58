import { defineEntity, p } from '@mikro-orm/core';
import { Account } from '../account/account.entity.ts';
import { Repo } from '../repo/repo.entity.ts';

const RepoLikeSchema = defineEntity({
  name: 'RepoLike',
  tableName: 'repo_like',
  uniques: [{ properties: ['repo', 'user'] }],
  // Pages of likers and of somebody's likes, newest first.
  indexes: [{ properties: ['repo', 'id'] }, { properties: ['user', 'id'] }],
  properties: {
    id: p.bigint('number').primary(),
    repo: () => p.manyToOne(Repo).ref().deleteRule('cascade'),
    user: () => p.manyToOne(Account).ref().deleteRule('cascade'),
    createdAt: p.datetime().defaultRaw('now()'),
  },
});

export class RepoLike extends RepoLikeSchema.class {}
RepoLikeSchema.setClass(RepoLike);
