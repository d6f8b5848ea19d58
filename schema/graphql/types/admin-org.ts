import type { AdminOrg } from '../../../src/domain/admin/admin-org.queries.ts';
import * as errors from '../../../src/domain/errors.ts';
import { builder, pageArgs } from '../builder.ts';
import { connectionComplexity, connectionOf } from '../connection.ts';
import { failsWith } from '../errors.ts';
import { OrganizationNode } from './account.ts';
import { AdminObject } from './admin.ts';

const AdminOrgObject = builder.objectRef<AdminOrg>('AdminOrganization').implement({
  description: 'An organization as administrators of the hub see it.',
  fields: (t) => ({
    name: t.exposeString('name'),
    fullName: t.exposeString('fullName', { nullable: true }),
    memberCount: t.exposeInt('memberCount'),
    activeSuperAdminCount: t.exposeInt('activeSuperAdminCount', {
      description: 'Without one, nobody can end or rename it',
    }),
    privateUsedBytes: t.expose('privateUsedBytes', { type: 'SafeInt' }),
    privateQuotaBytes: t.expose('privateQuotaBytes', { type: 'SafeInt', nullable: true }),
    publicUsedBytes: t.expose('publicUsedBytes', { type: 'SafeInt' }),
    publicQuotaBytes: t.expose('publicQuotaBytes', { type: 'SafeInt', nullable: true }),
    createdAt: t.expose('createdAt', { type: 'DateTime' }),
    organization: t.loadable({
      type: OrganizationNode,
      nullable: true,
      load: (ids: number[], { services }) => services.profiles.profilesById(ids),
      resolve: ({ id }) => id,
    }),
  }),
});

const AdminOrgConnection = builder.connectionObject({
  type: AdminOrgObject,
  name: 'AdminOrganizationConnection',
});

builder.objectField(AdminObject, 'organizations', (t) =>
  t.field({
    type: AdminOrgConnection,
    description: 'Newest first',
    args: {
      ...pageArgs,
      search: t.arg.string({ description: 'A part of the name or the full name' }),
      isAbandoned: t.arg.boolean({
        required: true,
        defaultValue: false,
        description: 'Only those whose super-admins are gone or suspended',
      }),
    },
    complexity: connectionComplexity,
    resolve: (_admin, { search, isAbandoned, ...args }, { services, actor }) =>
      connectionOf(args, (page) =>
        services.adminOrgs.list(actor, { search: search ?? undefined, isAbandoned, ...page }),
      ),
  }),
);

const AdminAppointSuperAdminInput = builder.inputType('AdminAppointSuperAdminInput', {
  fields: (t) => ({
    organization: t.string({ required: true, description: 'Its name' }),
    username: t.string({ required: true }),
  }),
});

builder.mutationField('adminAppointSuperAdmin', (t) =>
  t.field({
    type: OrganizationNode,
    description: 'Gives an organization that nobody leads a super-admin',
    ...failsWith(errors.NotFound, errors.Conflict),
    args: { input: t.arg({ type: AdminAppointSuperAdminInput, required: true }) },
    resolve: async (_root, { input: { organization, username } }, { services, actor }) => {
      await services.adminOrgs.appoint(actor, organization, username);
      return services.orgInfo.profile(organization);
    },
  }),
);
