import type { OrgOfUser } from '../../../src/domain/org/org.queries.ts';
import { builder, pageArgs } from '../builder.ts';
import { connectionComplexity, connectionOf } from '../connection.ts';
import { nestedList } from '../nested.ts';
import { OrgRoleEnum } from '../org-role.ts';
import { OrganizationNode, UserNode } from './account.ts';
import { ViewerObject } from './viewer.ts';

/** An organization that a user is in, and as what. */
const MembershipObject = builder.objectRef<OrgOfUser>('Membership').implement({
  fields: (t) => ({
    role: t.expose('role', { type: OrgRoleEnum }),
    organization: t.loadable({
      type: OrganizationNode,
      nullable: true,
      load: (ids: number[], { services }) => services.profiles.profilesById(ids),
      resolve: ({ orgId }) => orgId,
    }),
  }),
});

const MembershipConnection = builder.connectionObject({
  type: MembershipObject,
  name: 'MembershipConnection',
});

const orgsOf = nestedList((users, query, { services }) =>
  services.orgInfo.orgsOfEach(
    users.map(({ id }) => id),
    query,
  ),
);

builder.objectField(UserNode, 'organizations', (t) =>
  t.field({
    type: MembershipConnection,
    description: 'By name',
    args: pageArgs,
    complexity: connectionComplexity,
    resolve: (user, args, context) => connectionOf(args, (query) => orgsOf(user, query, context)),
  }),
);

builder.objectField(ViewerObject, 'organizations', (t) =>
  t.field({
    type: MembershipConnection,
    description: 'Those that the caller is in, by name',
    args: pageArgs,
    complexity: connectionComplexity,
    resolve: (viewer, args, context) => connectionOf(args, (query) => orgsOf(viewer, query, context)),
  }),
);
