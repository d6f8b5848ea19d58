import * as errors from '../../../src/domain/errors.ts';
import type { RepoUsage } from '../../../src/domain/quota/quota.queries.ts';
import type { NamespaceView } from '../../../src/domain/quota/quota.service.ts';
import type { RepoAccess } from '../../../src/domain/repo/repo-access.ts';
import { builder, pageArgs } from '../builder.ts';
import { connectionComplexity, connectionOfAll } from '../connection.ts';
import { COST } from '../../costs.ts';
import { failsWith, repoFailsWith } from '../errors.ts';
import { batched } from '../nested.ts';
import { parseRepoRef, RepoRefInput, RepoTypeEnum } from '../repo-ref.ts';
import { NamespaceInterface } from './account.ts';
import { NamespaceQuotaObject, RepoQuotaObject } from './quota.ts';
import { RepoNode, VisibilityEnum } from './repo.ts';

const RepoStorageObject = builder.objectRef<RepoUsage>('RepoStorage').implement({
  description: 'What a repository holds, for the people of its namespace.',
  fields: (t) => ({
    repo: t.loadable({
      type: RepoNode,
      nullable: true,
      description: 'Null for administrators of the hub who may not see it',
      load: (ids: number[], { services, actor }) => services.access.findByIds(actor, ids),
      resolve: ({ id }) => id,
    }),
    type: t.expose('type', { type: RepoTypeEnum }),
    name: t.exposeString('name', { description: 'Without its namespace' }),
    visibility: t.field({
      type: VisibilityEnum,
      resolve: ({ isPrivate }) => (isPrivate ? 'private' : 'public'),
    }),
    usedBytes: t.expose('usedBytes', { type: 'SafeInt' }),
    quotaBytes: t.expose('quotaBytes', {
      type: 'SafeInt',
      nullable: true,
      description: 'Null: that of the namespace',
    }),
    createdAt: t.expose('createdAt', { type: 'DateTime' }),
  }),
});

const RepoStorageConnection = builder.connectionObject({
  type: RepoStorageObject,
  name: 'RepoStorageConnection',
});

/** The repositories of a namespace that hold most, and how many it has. */
interface NamespaceStorage {
  readonly repos: readonly RepoUsage[];
  readonly total: number;
}

const NamespaceStorageObject = builder.objectRef<NamespaceStorage>('NamespaceStorage').implement({
  fields: (t) => ({
    repoCount: t.exposeInt('total', { description: 'All that there are' }),
    repos: t.field({
      type: RepoStorageConnection,
      description: 'Those that hold most, at most 1,000',
      args: pageArgs,
      complexity: connectionComplexity,
      resolve: ({ repos }, args) => connectionOfAll(args, repos),
    }),
  }),
});

const quotaOf = batched<number, NamespaceView | null>((ids, { services, actor }) =>
  services.quotas.publicViewsOf(actor, ids),
);

builder.interfaceFields(NamespaceInterface, (t) => ({
  quota: t.field({
    type: NamespaceQuotaObject,
    nullable: true,
    resolve: ({ id }, _args, context) => quotaOf(id, context),
  }),
  storage: t.field({
    type: NamespaceStorageObject,
    nullable: true,
    description: 'For the people of the namespace',
    complexity: 100,
    resolve: ({ name }, _args, { services, actor }) => services.quotas.repos(actor, name),
  }),
}));

const logicalBytesOf = batched<RepoAccess, number>(async (repos, { services }) => {
  const bytes = await services.xetUsage.logicalBytes(repos);
  return repos.map(({ id, usedBytes }) => bytes.get(id) ?? usedBytes);
});

builder.objectField(RepoNode, 'logicalBytes', (t) =>
  t.field({
    type: 'SafeInt',
    description: 'What `usedBytes` would be if no two files shared anything and nothing was compressed',
    complexity: COST.page,
    resolve: (repo, _args, context) => logicalBytesOf(repo, context),
  }),
);

builder.objectField(RepoQuotaObject, 'repo', (t) =>
  t.field({ type: RepoNode, resolve: ({ access }) => access }),
);

const SetNamespaceQuotaInput = builder.inputType('SetNamespaceQuotaInput', {
  description: 'A limit that is left out stays as it is; null means no limit.',
  fields: (t) => ({
    namespace: t.string({ required: true }),
    privateQuotaBytes: t.field({ type: 'SafeInt' }),
    publicQuotaBytes: t.field({ type: 'SafeInt' }),
  }),
});

const RecountNamespaceInput = builder.inputType('RecountNamespaceInput', {
  fields: (t) => ({ namespace: t.string({ required: true }) }),
});

const SetRepoQuotaInput = builder.inputType('SetRepoQuotaInput', {
  fields: (t) => ({
    repo: t.field({ type: RepoRefInput, required: true }),
    quotaBytes: t.field({ type: 'SafeInt', description: 'Null, or left out: that of the namespace' }),
  }),
});

const RecountRepoInput = builder.inputType('RecountRepoInput', {
  fields: (t) => ({ repo: t.field({ type: RepoRefInput, required: true }) }),
});

builder.mutationFields((t) => ({
  setNamespaceQuota: t.field({
    type: NamespaceQuotaObject,
    description: 'For administrators of the hub',
    ...failsWith(errors.NotFound),
    args: { input: t.arg({ type: SetNamespaceQuotaInput, required: true }) },
    resolve: async (_root, { input: { namespace, ...limits } }, { services, actor }) => {
      const usage = await services.quotas.setLimits(actor, namespace, limits);
      return { usage, seesPrivate: true };
    },
  }),
  recountNamespace: t.field({
    type: NamespaceQuotaObject,
    description: 'Counts anew what a namespace holds',
    ...failsWith(errors.NotFound),
    args: { input: t.arg({ type: RecountNamespaceInput, required: true }) },
    resolve: async (_root, { input }, { services, actor }) => {
      const usage = await services.quotas.recount(actor, input.namespace);
      return { usage, seesPrivate: true };
    },
  }),
  setRepoQuota: t.field({
    type: RepoQuotaObject,
    description: 'A limit of its own, within that of its namespace',
    ...repoFailsWith(),
    args: { input: t.arg({ type: SetRepoQuotaInput, required: true }) },
    resolve: (_root, { input: { repo, quotaBytes } }, { services, actor }) =>
      services.quotas.setRepoLimit(actor, parseRepoRef(repo), quotaBytes ?? null),
  }),
  recountRepo: t.field({
    type: RepoQuotaObject,
    description: 'Counts anew what a repository holds',
    ...repoFailsWith(),
    args: { input: t.arg({ type: RecountRepoInput, required: true }) },
    resolve: (_root, { input }, { services, actor }) =>
      services.quotas.recountRepo(actor, parseRepoRef(input.repo)),
  }),
}));
