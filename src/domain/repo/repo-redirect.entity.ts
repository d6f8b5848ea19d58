import { defineEntity, p } from '@mikro-orm/core';
import { Account } from '../account/account.entity.ts';
import { Repo, REPO_TYPES } from './repo.entity.ts';

const RepoRedirectSchema = defineEntity({
  name: 'RepoRedirect',
  tableName: 'repo_redirect',
  uniques: [{ properties: ['type', 'owner', 'normalizedName'] }],
  properties: {
    id: p.bigint('number').primary(),
    type: p.enum(REPO_TYPES),
    owner: () => p.manyToOne(Account).ref().deleteRule('cascade').index(),
    normalizedName: p.string().length(96),
    repo: () => p.manyToOne(Repo).ref().deleteRule('cascade').index(),
    createdAt: p.datetime().defaultRaw('now()'),
  },
});

/** A former name of a repository. A new repository may take the name; the redirect then ends. */
export class RepoRedirect extends RepoRedirectSchema.class {}
RepoRedirectSchema.setClass(RepoRedirect);
