import type { Like } from '../../../src/domain/social/like.queries.ts';
import { builder, pageArgs } from '../builder.ts';
import { connectionComplexity, connectionOf, type PageQuery } from '../connection.ts';
import { repoFailsWith } from '../errors.ts';
import { nestedList } from '../nested.ts';
import { parseRepoRef, RepoRefInput } from '../repo-ref.ts';
import { UserNode } from './account.ts';
import { RepoNode } from './repo.ts';

const LikeObject = builder.objectRef<Like>('Like').implement({
  description: 'Who likes what.',
  fields: (t) => ({
    likedAt: t.expose('likedAt', { type: 'DateTime' }),
    user: t.loadable({
      type: UserNode,
      nullable: true,
      load: (ids: number[], { services }) => services.profiles.profilesById(ids),
      resolve: ({ userId }) => userId,
    }),
    repo: t.loadable({
      type: RepoNode,
      nullable: true,
      load: (ids: number[], { services, actor }) => services.access.findByIds(actor, ids),
      resolve: ({ repoId }) => repoId,
    }),
  }),
});

const LikeConnection = builder.connectionObject({ type: LikeObject, name: 'LikeConnection' });

const likersOf = nestedList<{ readonly id: number }, PageQuery, Like>((repos, query, { services }) =>
  services.likes.likersOf(
    repos.map(({ id }) => id),
    query,
  ),
);

const likesOf = nestedList<{ readonly id: number }, PageQuery, Like>((users, query, { services, actor }) =>
  services.likes.likedByEach(
    actor,
    users.map(({ id }) => id),
    query,
  ),
);

builder.objectField(RepoNode, 'likers', (t) =>
  t.field({
    type: LikeConnection,
    description: 'Newest first',
    args: pageArgs,
    complexity: connectionComplexity,
    resolve: (repo, args, context) => connectionOf(args, (page) => likersOf(repo, page, context)),
  }),
);

builder.objectField(UserNode, 'likes', (t) =>
  t.field({
    type: LikeConnection,
    description: 'What he likes and the caller may see, newest first',
    args: pageArgs,
    complexity: connectionComplexity,
    resolve: (user, args, context) => connectionOf(args, (page) => likesOf(user, page, context)),
  }),
);

const LikeRepoInput = builder.inputType('LikeRepoInput', {
  fields: (t) => ({ repo: t.field({ type: RepoRefInput, required: true }) }),
});

/** Both answer with the repository; doing it again changes nothing. */
builder.mutationFields((t) => ({
  likeRepo: t.field({
    type: RepoNode,
    ...repoFailsWith(),
    args: { input: t.arg({ type: LikeRepoInput, required: true }) },
    resolve: async (_root, { input }, { services, actor }) => {
      const ref = parseRepoRef(input.repo);
      await services.likes.like(actor, ref);
      return services.access.require(actor, ref, 'read');
    },
  }),
  unlikeRepo: t.field({
    type: RepoNode,
    ...repoFailsWith(),
    args: { input: t.arg({ type: LikeRepoInput, required: true }) },
    resolve: async (_root, { input }, { services, actor }) => {
      const ref = parseRepoRef(input.repo);
      await services.likes.unlike(actor, ref);
      return services.access.require(actor, ref, 'read');
    },
  }),
}));
