import type {
  ActivityStarted,
  DownloadsCounted,
  LikesChanged,
  RefMoved,
  RepoActivity,
} from '../../../src/domain/activity/activity.ts';
import { listenerOf } from '../../listener.ts';
import { builder } from '../builder.ts';
import { eventOf, eventsOf } from '../events.ts';
import { parseRepoRef, RepoRefInput } from '../repo-ref.ts';
import { CommitNode } from './commit.ts';
import { RepoNode } from './repo.ts';

const TYPE_OF = {
  started: 'ActivityStarted',
  ref: 'RefMoved',
  likes: 'LikesChanged',
  downloads: 'DownloadsCounted',
} as const satisfies Record<RepoActivity['kind'], string>;

const RepoActivityInterface = builder.interfaceRef<RepoActivity>('RepoActivity').implement({
  description: 'Something that happened to a repository.',
  resolveType: ({ kind }) => TYPE_OF[kind],
  fields: (t) => ({
    repo: t.loadable({
      type: RepoNode,
      nullable: true,
      description: 'As it is now',
      load: (ids: number[], { services, actor }) => services.access.findByIds(actor, ids),
      resolve: ({ repoId }) => repoId,
    }),
  }),
});

builder.objectRef<ActivityStarted>('ActivityStarted').implement({
  description: 'The first event: what happens from now on will be told.',
  interfaces: [RepoActivityInterface],
  fields: (t) => ({
    likesCount: t.exposeInt('likesCount'),
    downloads: t.expose('downloads', { type: 'SafeInt', description: 'Of the last 30 days' }),
    downloadsAllTime: t.expose('downloadsAllTime', { type: 'SafeInt' }),
  }),
});

builder.objectRef<RefMoved>('RefMoved').implement({
  description:
    'A branch, a tag or another ref was created, moved or deleted: by a commit, a push or a change of the history.',
  interfaces: [RepoActivityInterface],
  fields: (t) => ({
    refName: t.exposeString('refName', { description: 'Full name such as `refs/heads/main`' }),
    oldOid: t.exposeString('oldOid', { nullable: true, description: 'Null: it was created' }),
    newOid: t.exposeString('newOid', { nullable: true, description: 'Null: it was deleted' }),
    commit: t.loadable({
      type: CommitNode,
      nullable: true,
      description: 'What it is at now; null when it was deleted, and for an annotated tag',
      load: (moves: RefMoved[], { services, actor }) =>
        services.browse.commitsByRepoId(
          actor,
          moves.map(({ repoId, newOid }) => ({ repoId, oid: newOid! })),
        ),
      resolve: (move) => (move.newOid === null ? null : move),
    }),
    at: t.expose('at', { type: 'DateTime' }),
  }),
});

builder.objectRef<LikesChanged>('LikesChanged').implement({
  interfaces: [RepoActivityInterface],
  fields: (t) => ({ likesCount: t.exposeInt('likesCount') }),
});

builder.objectRef<DownloadsCounted>('DownloadsCounted').implement({
  interfaces: [RepoActivityInterface],
  fields: (t) => ({
    downloads: t.expose('downloads', { type: 'SafeInt', description: 'Of the last 30 days' }),
    downloadsAllTime: t.expose('downloadsAllTime', { type: 'SafeInt' }),
  }),
});

builder.subscriptionField('repoActivity', (t) =>
  t.field({
    type: RepoActivityInterface,
    description:
      'What happens to a repository, on any node of the hub. Ends with an error when the right to read or the login ends.',
    args: { repo: t.arg({ type: RepoRefInput, required: true }) },
    subscribe: async (_root, { repo }, context) =>
      eventsOf(
        await context.services.activity.ofRepo(context.actor, parseRepoRef(repo), listenerOf(context)),
      ),
    resolve: (sent, _args, context) => eventOf(sent, context),
  }),
);
