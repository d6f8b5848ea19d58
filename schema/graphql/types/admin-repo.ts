import { ADMIN_REPO_SORTS, type AdminRepo } from '../../../src/domain/admin/admin-repo.queries.ts';
import * as errors from '../../../src/domain/errors.ts';
import { builder, pageArgs } from '../builder.ts';
import { connectionComplexity, connectionOf } from '../connection.ts';
import { deleted, DeletedObject } from '../deleted.ts';
import { enumOf } from '../enum.ts';
import { failsWith } from '../errors.ts';
import { parseRepoRef, RepoRefInput, RepoTypeEnum } from '../repo-ref.ts';
import { AdminObject } from './admin.ts';
import { RepoNode, VisibilityEnum } from './repo.ts';

const AdminRepoSortEnum = enumOf('AdminRepoSort', ADMIN_REPO_SORTS);

const AdminRepoObject = builder.objectRef<AdminRepo>('AdminRepo').implement({
  description: 'A repository as administrators of the hub see it: its name and size, not its contents.',
  fields: (t) => ({
    type: t.expose('type', { type: RepoTypeEnum }),
    fullName: t.string({
      description: '`namespace/name`',
      resolve: ({ namespace, name }) => `${namespace}/${name}`,
    }),
    visibility: t.field({
      type: VisibilityEnum,
      resolve: ({ isPrivate }) => (isPrivate ? 'private' : 'public'),
    }),
    isGated: t.exposeBoolean('isGated'),
    isDisabled: t.exposeBoolean('isDisabled'),
    usedBytes: t.expose('usedBytes', { type: 'SafeInt' }),
    quotaBytes: t.expose('quotaBytes', {
      type: 'SafeInt',
      nullable: true,
      description: 'Null: that of the namespace',
    }),
    createdAt: t.expose('createdAt', { type: 'DateTime' }),
    lastModifiedAt: t.expose('lastModifiedAt', { type: 'DateTime' }),
    repo: t.loadable({
      type: RepoNode,
      nullable: true,
      description: 'Null when it is hidden from the administrator, as from everybody else',
      load: (ids: number[], { services, actor }) => services.access.findByIds(actor, ids),
      resolve: ({ id }) => id,
    }),
  }),
});

const AdminRepoConnection = builder.connectionObject({ type: AdminRepoObject, name: 'AdminRepoConnection' });

const AdminRepoFilterInput = builder.inputType('AdminRepoFilter', {
  fields: (t) => ({
    search: t.string({ description: 'A part of `namespace/name`' }),
    type: t.field({ type: RepoTypeEnum }),
    namespace: t.string(),
    visibility: t.field({ type: VisibilityEnum }),
    isDisabled: t.boolean(),
  }),
});

builder.objectField(AdminObject, 'repos', (t) =>
  t.field({
    type: AdminRepoConnection,
    args: {
      ...pageArgs,
      filter: t.arg({ type: AdminRepoFilterInput }),
      sort: t.arg({
        type: AdminRepoSortEnum,
        required: true,
        defaultValue: 'created',
        description: 'Newest, or most bytes, first',
      }),
    },
    complexity: connectionComplexity,
    resolve: (_admin, { filter, sort, ...args }, { services, actor }) =>
      connectionOf(args, (page) => services.adminRepos.list(actor, { ...filterOf(filter), sort, ...page })),
  }),
);

function filterOf(filter: typeof AdminRepoFilterInput.$inferInput | null | undefined) {
  const { search, type, namespace, visibility, isDisabled } = filter ?? {};
  return {
    search: search ?? undefined,
    type: type ?? null,
    namespace: namespace ?? null,
    isPrivate: visibility == null ? null : visibility === 'private',
    isDisabled: isDisabled ?? null,
  };
}

const AdminSetRepoDisabledInput = builder.inputType('AdminSetRepoDisabledInput', {
  fields: (t) => ({
    repo: t.field({ type: RepoRefInput, required: true }),
    isDisabled: t.boolean({ required: true }),
    reason: t.string({ description: 'For the audit log; at most 500 characters' }),
  }),
});

const AdminDeleteRepoInput = builder.inputType('AdminDeleteRepoInput', {
  fields: (t) => ({ repo: t.field({ type: RepoRefInput, required: true }) }),
});

builder.mutationFields((t) => ({
  adminSetRepoDisabled: t.field({
    type: AdminRepoObject,
    description: 'Shuts a repository, so that nobody gets at its files or writes to it, or opens it again',
    ...failsWith(errors.RepoNotFound),
    args: { input: t.arg({ type: AdminSetRepoDisabledInput, required: true }) },
    resolve: (_root, { input: { repo, ...verdict } }, { services, actor }) =>
      services.adminRepos.setDisabled(actor, parseRepoRef(repo), verdict),
  }),
  adminDeleteRepo: t.field({
    type: DeletedObject,
    ...failsWith(errors.RepoNotFound, errors.Conflict),
    args: { input: t.arg({ type: AdminDeleteRepoInput, required: true }) },
    resolve: async (_root, { input }, { services, actor }) =>
      deleted('Repo', await services.adminRepos.delete(actor, parseRepoRef(input.repo))),
  }),
}));
