import * as errors from '../../../src/domain/errors.ts';
import type { OrgMember } from '../../../src/domain/org/org.queries.ts';
import { builder, pageArgs } from '../builder.ts';
import { connectionComplexity, connectionOf, type PageQuery } from '../connection.ts';
import { failsWith } from '../errors.ts';
import { nestedList } from '../nested.ts';
import { OrgRoleEnum } from '../org-role.ts';
import { OrganizationNode, UserNode } from './account.ts';

/** Somebody in an organization, and as what. */
const MemberObject = builder.objectRef<OrgMember>('OrganizationMember').implement({
  fields: (t) => ({
    role: t.expose('role', { type: OrgRoleEnum }),
    user: t.loadable({
      type: UserNode,
      nullable: true,
      load: (ids: number[], { services }) => services.profiles.profilesById(ids),
      resolve: ({ userId }) => userId,
    }),
  }),
});

const MemberConnection = builder.connectionObject({
  type: MemberObject,
  name: 'OrganizationMemberConnection',
});

const membersOf = nestedList<{ readonly id: number }, PageQuery, OrgMember>((orgs, query, { services }) =>
  services.orgInfo.membersOf(
    orgs.map(({ id }) => id),
    query,
  ),
);

builder.objectField(OrganizationNode, 'members', (t) =>
  t.field({
    type: MemberConnection,
    description: 'By name',
    args: pageArgs,
    complexity: connectionComplexity,
    resolve: (org, args, context) => connectionOf(args, (page) => membersOf(org, page, context)),
  }),
);

const AddMemberInput = builder.inputType('AddMemberInput', {
  fields: (t) => ({
    organization: t.string({ required: true, description: 'Its name' }),
    username: t.string({ required: true }),
    role: t.field({ type: OrgRoleEnum, required: true }),
  }),
});

const ChangeMemberRoleInput = builder.inputType('ChangeMemberRoleInput', {
  fields: (t) => ({
    organization: t.string({ required: true, description: 'Its name' }),
    username: t.string({ required: true }),
    role: t.field({ type: OrgRoleEnum, required: true }),
  }),
});

const RemoveMemberInput = builder.inputType('RemoveMemberInput', {
  fields: (t) => ({
    organization: t.string({ required: true, description: 'Its name' }),
    username: t.string({ required: true }),
  }),
});

/** All answer with the organization. */
builder.mutationFields((t) => ({
  addMember: t.field({
    type: OrganizationNode,
    ...failsWith(errors.NotFound, errors.Conflict),
    args: { input: t.arg({ type: AddMemberInput, required: true }) },
    resolve: async (_root, { input: { organization, username, role } }, { services, actor }) => {
      await services.orgs.addMember(actor, organization, username, role);
      return services.orgInfo.profile(organization);
    },
  }),
  changeMemberRole: t.field({
    type: OrganizationNode,
    ...failsWith(errors.NotFound, errors.Conflict),
    args: { input: t.arg({ type: ChangeMemberRoleInput, required: true }) },
    resolve: async (_root, { input: { organization, username, role } }, { services, actor }) => {
      await services.orgs.changeRole(actor, organization, username, role);
      return services.orgInfo.profile(organization);
    },
  }),
  removeMember: t.field({
    type: OrganizationNode,
    description: 'Everybody may leave by himself',
    ...failsWith(errors.NotFound, errors.Conflict),
    args: { input: t.arg({ type: RemoveMemberInput, required: true }) },
    resolve: async (_root, { input: { organization, username } }, { services, actor }) => {
      await services.orgs.removeMember(actor, organization, username);
      return services.orgInfo.profile(organization);
    },
  }),
}));
