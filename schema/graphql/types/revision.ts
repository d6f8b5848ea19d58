import type { RevisionOfRepo } from '../../../src/domain/download/browse.service.ts';
import { builder, pageArgs } from '../builder.ts';
import { connectionOf } from '../connection.ts';
import { COST } from '../../costs.ts';
import { costlyPage } from '../costs.ts';
import { ofRepo } from '../of-repo.ts';
import { CommitConnection, CommitNode } from './commit.ts';
import { RepoNode } from './repo.ts';

export const RevisionObject = builder.objectRef<RevisionOfRepo>('Revision').implement({
  description: 'A commit of a repository, and the name by which it was found.',
  fields: (t) => ({
    oid: t.exposeString('commitOid', {
      description: 'Git commit id. Lists of many pages stay with it when it is the name',
    }),
    refName: t.exposeString('refName', {
      nullable: true,
      description: 'Such as `refs/heads/main`; null when it was found by id',
    }),
    repo: t.expose('repo', { type: RepoNode }),
    commit: t.loadable({
      type: CommitNode,
      nullable: true,
      load: (found: RevisionOfRepo[], { services, actor }) =>
        services.browse.commitsAt(
          actor,
          found.map(({ repo, commitOid }) => ({ repo, oid: commitOid })),
        ),
      resolve: (revision) => revision,
    }),
    commits: t.field({
      type: CommitConnection,
      nullable: true,
      description: 'Its history, newest first, as `git log` lists it',
      args: pageArgs,
      complexity: costlyPage(COST.page),
      resolve: ({ repo, commitOid }, args, { services, actor }) =>
        connectionOf(args, async (page) =>
          ofRepo(repo, await services.browse.commits(actor, { repo, revision: commitOid }, page)),
        ),
    }),
    commitCount: t.int({
      nullable: true,
      description: 'Null when there are too many to be counted',
      complexity: COST.page,
      resolve: ({ repo, commitOid }, _args, { services, actor }) =>
        services.browse.commitCount(actor, { repo, revision: commitOid }),
    }),
  }),
});

builder.objectFields(RepoNode, (t) => ({
  revision: t.field({
    type: RevisionObject,
    nullable: true,
    args: {
      name: t.arg.string({
        required: true,
        defaultValue: 'main',
        description: 'A branch, a tag, a full ref name, or a commit id of 4 digits or more',
      }),
    },
    complexity: 15,
    resolve: (repo, { name }, { services, actor }) =>
      services.browse.revision(actor, { repo, revision: name }),
  }),
  commit: t.field({
    type: CommitNode,
    nullable: true,
    args: { oid: t.arg.string({ required: true, description: 'Or any other revision' }) },
    complexity: COST.changes,
    resolve: async (repo, { oid: revision }, { services, actor }) => {
      const { commit } = await services.diffs.findCommit(actor, { repo, revision }, 'names');
      return { ...commit, repo };
    },
  }),
}));

builder.objectField(CommitNode, 'repo', (t) => t.expose('repo', { type: RepoNode }));
