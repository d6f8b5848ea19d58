import type {
  AccountHoldings,
  AdminUser,
  AdminUserDetails,
  UserFilter,
} from '../../../src/domain/admin/admin-user.queries.ts';
import * as errors from '../../../src/domain/errors.ts';
import { builder, pageArgs } from '../builder.ts';
import { connectionComplexity, connectionOf } from '../connection.ts';
import { deleted, DeletedObject } from '../deleted.ts';
import { failsWith } from '../errors.ts';
import { batched } from '../nested.ts';
import { UserNode } from './account.ts';
import { AdminObject } from './admin.ts';

const HoldingsObject = builder.objectRef<AccountHoldings>('AccountHoldings').implement({
  description: 'What hangs on an account.',
  fields: (t) => ({
    repos: t.exposeInt('repoCount'),
    organizations: t.exposeInt('orgCount'),
    sessions: t.exposeInt('sessionCount'),
    tokens: t.exposeInt('tokenCount'),
    sshKeys: t.exposeInt('sshKeyCount'),
  }),
});

const holdingsOf = batched<number, AccountHoldings | null>((ids, { services, actor }) =>
  services.adminUsers.holdingsOf(actor, ids),
);

const AdminUserObject = builder.objectRef<AdminUser>('AdminUser').implement({
  description: 'A person as administrators of the hub see him.',
  fields: (t) => ({
    name: t.exposeString('name'),
    fullName: t.exposeString('fullName', { nullable: true }),
    email: t.exposeString('email', { nullable: true }),
    isEmailVerified: t.exposeBoolean('isEmailVerified'),
    isActive: t.exposeBoolean('isActive', { description: 'False: suspended' }),
    isAdmin: t.exposeBoolean('isAdmin'),
    privateUsedBytes: t.expose('privateUsedBytes', { type: 'SafeInt' }),
    privateQuotaBytes: t.expose('privateQuotaBytes', { type: 'SafeInt', nullable: true }),
    publicUsedBytes: t.expose('publicUsedBytes', { type: 'SafeInt' }),
    publicQuotaBytes: t.expose('publicQuotaBytes', { type: 'SafeInt', nullable: true }),
    createdAt: t.expose('createdAt', { type: 'DateTime' }),
    user: t.loadable({
      type: UserNode,
      nullable: true,
      load: (ids: number[], { services }) => services.profiles.profilesById(ids),
      resolve: ({ id }) => id,
    }),
    holdings: t.field({
      type: HoldingsObject,
      nullable: true,
      complexity: 5,
      resolve: ({ id }, _args, context) => holdingsOf(id, context),
    }),
  }),
});

const AdminUserConnection = builder.connectionObject({ type: AdminUserObject, name: 'AdminUserConnection' });

const AdminUserFilterInput = builder.inputType('AdminUserFilter', {
  fields: (t) => ({
    search: t.string({ description: 'A part of the name, the full name or the e-mail address' }),
    isActive: t.boolean(),
    isAdmin: t.boolean(),
    isEmailVerified: t.boolean(),
  }),
});

builder.objectFields(AdminObject, (t) => ({
  users: t.field({
    type: AdminUserConnection,
    description: 'Newest first',
    args: { ...pageArgs, filter: t.arg({ type: AdminUserFilterInput }) },
    complexity: connectionComplexity,
    resolve: (_admin, { filter, ...args }, { services, actor }) =>
      connectionOf(args, (page) => services.adminUsers.list(actor, { ...filterOf(filter), ...page })),
  }),
  userCount: t.int({
    args: { filter: t.arg({ type: AdminUserFilterInput }) },
    resolve: async (_admin, { filter }, { services, actor }) =>
      (await services.adminUsers.list(actor, { ...filterOf(filter), limit: 1 })).total,
  }),
  user: t.field({
    type: AdminUserObject,
    nullable: true,
    args: { name: t.arg.string({ required: true }) },
    resolve: (_admin, { name }, { services, actor }) => services.adminUsers.get(actor, name),
  }),
}));

function filterOf(filter: typeof AdminUserFilterInput.$inferInput | null | undefined) {
  const { search, isActive, isAdmin, isEmailVerified } = filter ?? {};
  return {
    search: search ?? undefined,
    isActive: isActive ?? null,
    isAdmin: isAdmin ?? null,
    isEmailVerified: isEmailVerified ?? null,
  } satisfies Omit<UserFilter, 'search'> & { readonly search: string | undefined };
}

const AdminCreateUserInput = builder.inputType('AdminCreateUserInput', {
  fields: (t) => ({
    username: t.string({ required: true }),
    password: t.string({ required: true }),
    email: t.string({ description: 'Counts as verified' }),
    isAdmin: t.boolean({ required: true, defaultValue: false }),
  }),
});

/** Acts that need no more than a name. */
const AdminUserInput = builder.inputType('AdminUserInput', {
  fields: (t) => ({ username: t.string({ required: true }) }),
});

const AdminUserVerdictInput = builder.inputType('AdminUserVerdictInput', {
  fields: (t) => ({
    username: t.string({ required: true }),
    reason: t.string({ description: 'For the audit log; at most 500 characters' }),
  }),
});

const AdminDeleteUserInput = builder.inputType('AdminDeleteUserInput', {
  fields: (t) => ({
    username: t.string({ required: true }),
    endsRedirects: t.boolean({
      required: true,
      defaultValue: false,
      description: 'Give up former names of repositories that were moved elsewhere',
    }),
  }),
});

builder.mutationFields((t) => ({
  adminCreateUser: t.field({
    type: AdminUserObject,
    ...failsWith(errors.Conflict),
    args: { input: t.arg({ type: AdminCreateUserInput, required: true }) },
    resolve: (_root, { input: { username, email, ...input } }, context): Promise<AdminUserDetails> =>
      context.services.adminUsers.create(context.actor, { ...input, name: username, email: email || null }),
  }),
  adminSuspendUser: t.field({
    type: AdminUserObject,
    description: 'Shuts somebody out at once',
    ...failsWith(errors.NotFound, errors.Conflict),
    args: { input: t.arg({ type: AdminUserVerdictInput, required: true }) },
    resolve: (_root, { input: { username, reason } }, { services, actor }) =>
      services.adminUsers.suspend(actor, username, reason),
  }),
  adminReinstateUser: t.field({
    type: AdminUserObject,
    description: 'Lets somebody in again',
    ...failsWith(errors.NotFound),
    args: { input: t.arg({ type: AdminUserVerdictInput, required: true }) },
    resolve: (_root, { input: { username, reason } }, { services, actor }) =>
      services.adminUsers.reinstate(actor, username, reason),
  }),
  adminVerifyEmail: t.field({
    type: AdminUserObject,
    description: "Takes the administrator's word for an address",
    ...failsWith(errors.NotFound, errors.Conflict),
    args: { input: t.arg({ type: AdminUserInput, required: true }) },
    resolve: (_root, { input }, { services, actor }) =>
      services.adminUsers.verifyEmail(actor, input.username),
  }),
  adminMakeAdmin: t.field({
    type: AdminUserObject,
    ...failsWith(errors.NotFound, errors.Conflict),
    args: { input: t.arg({ type: AdminUserInput, required: true }) },
    resolve: (_root, { input }, { services, actor }) => services.adminUsers.makeAdmin(actor, input.username),
  }),
  adminUnmakeAdmin: t.field({
    type: AdminUserObject,
    ...failsWith(errors.NotFound, errors.Conflict),
    args: { input: t.arg({ type: AdminUserInput, required: true }) },
    resolve: (_root, { input }, { services, actor }) =>
      services.adminUsers.unmakeAdmin(actor, input.username),
  }),
  adminDeleteUser: t.field({
    type: DeletedObject,
    description: 'Of an account that leaves nothing without an owner',
    ...failsWith(errors.NotFound, errors.Conflict),
    args: { input: t.arg({ type: AdminDeleteUserInput, required: true }) },
    resolve: async (_root, { input: { username, endsRedirects } }, { services, actor }) =>
      deleted('User', await services.adminUsers.delete(actor, username, { endsRedirects })),
  }),
}));
