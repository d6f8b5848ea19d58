import type { AccountProfile } from '../../../src/domain/account/profile.queries.ts';
import type { AccountKind } from '../../../src/domain/account/account.entity.ts';
import { NotFound } from '../../../src/domain/errors.ts';
import type { RepoCounts } from '../../../src/domain/repo/repo-list.queries.ts';
import type { SchemaContext } from '../../context.ts';
import { builder } from '../builder.ts';
import { parseNodeId } from '../node-id.ts';

/** How many repositories there are of each type. */
const RepoCountsObject = builder.objectRef<RepoCounts>('RepoCounts').implement({
  fields: (t) => ({
    models: t.exposeInt('model'),
    datasets: t.exposeInt('dataset'),
    spaces: t.exposeInt('space'),
  }),
});

/** Who owns repositories: `User` and `Organization` are it. */
export const NamespaceInterface = builder.interfaceRef<AccountProfile>('Namespace').implement({
  description: 'A user or an organization: the first half of the name of a repository.',
  resolveType: ({ kind }) => (kind === 'user' ? 'User' : 'Organization'),
  fields: (t) => ({
    name: t.exposeString('name'),
    fullName: t.exposeString('fullName', { nullable: true }),
    bio: t.exposeString('bio', { nullable: true }),
    website: t.exposeString('website', { nullable: true }),
    socialLinks: t.field({
      type: 'JSON',
      nullable: true,
      description: 'Names or addresses by network, such as `github`',
      resolve: ({ socialLinks }) => socialLinks,
    }),
    createdAt: t.expose('createdAt', { type: 'DateTime' }),
    avatarUrl: t.string({
      description: 'Answers with a picture or 404',
      resolve: ({ kind, name }, _args, { config }) =>
        `${config.baseUrl}/api/${kind === 'user' ? 'users' : 'organizations'}/${name}/avatar`,
    }),
    repoCounts: t.loadable({
      type: RepoCountsObject,
      description: 'Of what the caller may see',
      load: (ids: number[], { services, actor }) => services.repoLists.countsOf(actor, ids),
      resolve: ({ id }) => id,
    }),
  }),
});

export const UserNode = builder.objectRef<AccountProfile>('User');
export const OrganizationNode = builder.objectRef<AccountProfile>('Organization');

builder.node(UserNode, {
  interfaces: [NamespaceInterface],
  id: { resolve: ({ id }) => id, parse: parseNodeId },
  loadMany: (ids, context) => profilesOf('user', ids, context),
  fields: (t) => ({
    likesCount: t.loadable({
      type: 'Int',
      description: 'Of what the caller may see',
      load: (ids: number[], { services, actor }) => services.profiles.likesCountsOf(actor, ids),
      resolve: ({ id }) => id,
    }),
  }),
});

builder.node(OrganizationNode, {
  interfaces: [NamespaceInterface],
  id: { resolve: ({ id }) => id, parse: parseNodeId },
  loadMany: (ids, context) => profilesOf('org', ids, context),
});

/** Both kinds are in one table: an id of the other kind leads to nothing. */
async function profilesOf(kind: AccountKind, ids: readonly number[], { services }: SchemaContext) {
  const profiles = await services.profiles.profilesById(ids);
  return profiles.map((profile) => (profile?.kind === kind ? profile : null));
}

builder.queryFields((t) => ({
  user: t.field({
    type: UserNode,
    nullable: true,
    description: 'A user by name; a former name leads to who had it',
    args: { name: t.arg.string({ required: true }) },
    resolve: (_root, { name }, context) => accountNamed('user', name, context),
  }),
  organization: t.field({
    type: OrganizationNode,
    nullable: true,
    description: 'An organization by name; a former name leads to who had it',
    args: { name: t.arg.string({ required: true }) },
    resolve: (_root, { name }, context) => accountNamed('org', name, context),
  }),
}));

/** @throws {NotFound} also when the name is of the other kind. */
async function accountNamed(kind: AccountKind, name: string, { services }: SchemaContext) {
  const profile = await services.profiles.profile(name);
  if (profile.kind === kind) return profile;
  throw new NotFound(`${profile.name} is ${profile.kind === 'user' ? 'a user' : 'an organization'}.`);
}
