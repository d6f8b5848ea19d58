import type { OwnAccount } from '../../../src/domain/account/account.service.ts';
import type { Orphans } from '../../../src/domain/account/account-deletion.queries.ts';
import type { UserActor } from '../../../src/domain/actor.ts';
import { builder } from '../builder.ts';
import { UserNode } from './account.ts';

/** What only its owner sees of an account. */
const OwnAccountObject = builder.objectRef<OwnAccount>('OwnAccount').implement({
  fields: (t) => ({
    email: t.exposeString('email', { nullable: true }),
    isEmailVerified: t.exposeBoolean('isEmailVerified'),
  }),
});

/** What would lose its owner with an account; at most 100 names of each. */
const AccountDeletionObject = builder.objectRef<Orphans>('AccountDeletion').implement({
  fields: (t) => ({
    repos: t.exposeStringList('repos', { description: 'Such as `model alice/bert`' }),
    organizations: t.exposeStringList('orgs', { description: 'That nobody else leads' }),
    redirects: t.exposeStringList('redirects', {
      description: 'Former names of repositories that were moved away',
    }),
  }),
});

/** The caller: the entry to everything that is his. Files of other nouns add fields to it. */
export const ViewerObject = builder.objectRef<UserActor>('Viewer').implement({
  fields: (t) => ({
    user: t.field({
      type: UserNode,
      resolve: ({ name }, _args, { services }) => services.profiles.profile(name),
    }),
    account: t.field({
      type: OwnAccountObject,
      resolve: (_viewer, _args, { services, actor }) => services.accounts.own(actor),
    }),
    deletion: t.field({
      type: AccountDeletionObject,
      description: 'What stands in the way of deleting the account',
      resolve: ({ name }, _args, { services, actor }) => services.accountDeletions.preview(actor, name),
    }),
    isAdmin: t.exposeBoolean('isAdmin'),
  }),
});

builder.queryField('viewer', (t) =>
  t.field({
    type: ViewerObject,
    nullable: true,
    description: 'Null for anonymous callers',
    resolve: (_root, _args, { actor }) => (actor.kind === 'user' ? actor : null),
  }),
);
