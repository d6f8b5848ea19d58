import * as errors from '../../../src/domain/errors.ts';
import type { RepoAccess } from '../../../src/domain/repo/repo-access.ts';
import { parseRepoId, repoUrl } from '../../../src/domain/repo/repo-ref.ts';
import { REPO_SORTS } from '../../../src/domain/repo/repo-list.queries.ts';
import { GATED_MODES } from '../../../src/domain/repo/repo.entity.ts';
import { VISIBILITIES } from '../../../src/domain/repo/repo-settings.ts';
import { builder, pageArgs } from '../builder.ts';
import { connectionComplexity, connectionOf } from '../connection.ts';
import { deleted, DeletedObject } from '../deleted.ts';
import { enumOf } from '../enum.ts';
import { failsWith, repoFailsWith } from '../errors.ts';
import { parseNodeId } from '../node-id.ts';
import { parseRepoRef, RepoRefInput, RepoTypeEnum } from '../repo-ref.ts';
import { NamespaceInterface } from './account.ts';
import { CommitNode } from './commit.ts';
import { RepoQuotaObject } from './quota.ts';

export const RepoSortEnum = enumOf('RepoSort', REPO_SORTS);
const GatedModeEnum = enumOf('GatedMode', GATED_MODES);
export const VisibilityEnum = enumOf('Visibility', VISIBILITIES);

export const RepoNode = builder.objectRef<RepoAccess>('Repo');

builder.node(RepoNode, {
  description: 'A model, dataset or space that the caller may see.',
  id: { resolve: ({ id }) => id, parse: parseNodeId },
  loadMany: (ids, { services, actor }) => services.access.findByIds(actor, ids),
  fields: (t) => ({
    type: t.expose('type', { type: RepoTypeEnum }),
    namespace: t.exposeString('namespace'),
    name: t.exposeString('name'),
    fullName: t.exposeString('fullName', { description: '`namespace/name`' }),
    url: t.string({ resolve: (repo, _args, { config }) => repoUrl(config.baseUrl, repo) }),
    visibility: t.field({
      type: VisibilityEnum,
      resolve: ({ isPrivate }) => (isPrivate ? 'private' : 'public'),
    }),
    gated: t.expose('gated', { type: GatedModeEnum, nullable: true }),
    isDisabled: t.exposeBoolean('isDisabled'),
    lfsThresholdBytes: t.expose('lfsThresholdBytes', {
      type: 'SafeInt',
      nullable: true,
      description: "From which size files go to LFS; null is the server's",
    }),
    lfsKeepVersions: t.exposeInt('lfsKeepVersions', { nullable: true }),
    lfsSuffixRules: t.exposeStringList('lfsSuffixRules', {
      nullable: true,
      description: 'Endings of files that go to LFS whatever their size',
    }),
    usedBytes: t.expose('usedBytes', { type: 'SafeInt' }),
    downloads: t.expose('downloads', { type: 'SafeInt', description: 'Of the last 30 days' }),
    downloadsAllTime: t.expose('downloadsAllTime', { type: 'SafeInt' }),
    likesCount: t.exposeInt('likesCount'),
    trendingScore: t.exposeFloat('trendingScore'),
    sdk: t.exposeString('sdk', { nullable: true }),
    card: t.field({
      type: 'JSON',
      nullable: true,
      description: 'The front matter of its README',
      resolve: ({ card }) => card,
    }),
    tags: t.exposeStringList('tags'),
    pipelineTag: t.exposeString('pipelineTag', { nullable: true }),
    libraryName: t.exposeString('libraryName', { nullable: true }),
    parameterCount: t.field({
      type: 'SafeInt',
      nullable: true,
      description: 'Of its safetensors files',
      resolve: ({ safetensors }) => safetensors?.total ?? null,
    }),
    headOid: t.exposeString('headOid', { nullable: true, description: 'The commit that `main` is at' }),
    lastModifiedAt: t.expose('lastModifiedAt', { type: 'DateTime' }),
    createdAt: t.expose('createdAt', { type: 'DateTime' }),
    owner: t.loadable({
      type: NamespaceInterface,
      nullable: true,
      load: (ids: number[], { services }) => services.profiles.profilesById(ids),
      resolve: ({ ownerId }) => ownerId,
    }),
    headCommit: t.loadable({
      type: CommitNode,
      nullable: true,
      description: 'The newest commit of `main`',
      load: (repos: RepoAccess[], { services }) => services.history.heads(repos),
      resolve: (repo) => repo,
    }),
    quota: t.loadable({
      type: RepoQuotaObject,
      nullable: true,
      load: (repos: RepoAccess[], { services }) => services.quotas.ofRepos(repos),
      resolve: (repo) => repo,
    }),
    isLiked: t.loadable({
      type: 'Boolean',
      description: 'Whether the caller likes it',
      load: async (ids: number[], { services, actor }) => {
        const liked = await services.likes.likedAmong(actor, ids);
        return ids.map((id) => liked.has(id));
      },
      resolve: ({ id }) => id,
    }),
  }),
});

export const RepoConnection = builder.connectionObject({ type: RepoNode, name: 'RepoConnection' });

/** What `repos` and the lists of namespaces are narrowed by. */
const RepoFilterInput = builder.inputType('RepoFilter', {
  fields: (t) => ({
    type: t.field({ type: RepoTypeEnum, required: true, defaultValue: 'model' }),
    namespace: t.string(),
    search: t.stringList({ description: 'Parts of `namespace/name`; all must be there' }),
    tags: t.stringList({ description: 'All must be there' }),
    pipelineTag: t.string(),
    isGated: t.boolean(),
  }),
});

const MAX_TERMS = 20;

builder.queryFields((t) => ({
  repo: t.field({
    type: RepoNode,
    nullable: true,
    args: {
      type: t.arg({ type: RepoTypeEnum, required: true, defaultValue: 'model' }),
      name: t.arg.string({ required: true, description: '`namespace/name`' }),
    },
    resolve: (_root, args, { services, actor }) => services.access.require(actor, parseRepoRef(args), 'read'),
  }),
  repos: t.field({
    type: RepoConnection,
    description: 'What is public, and what belongs to the caller',
    args: {
      ...pageArgs,
      filter: t.arg({ type: RepoFilterInput, required: true, defaultValue: { type: 'model' } }),
      sort: t.arg({ type: RepoSortEnum, required: true, defaultValue: 'lastModified' }),
    },
    complexity: connectionComplexity,
    resolve: (_root, { filter, sort, ...args }, { services, actor }) =>
      connectionOf(args, (page) => services.repoLists.list(actor, { ...parseFilter(filter), sort, ...page })),
  }),
}));

/** @throws {BadRequest} for more terms than a list is searched for. */
function parseFilter({
  type,
  namespace,
  search,
  tags,
  pipelineTag,
  isGated,
}: typeof RepoFilterInput.$inferInput) {
  if ((search?.length ?? 0) + (tags?.length ?? 0) > MAX_TERMS)
    throw new errors.BadRequest(`filter: search and tags take ${MAX_TERMS} terms together at most.`);
  return {
    type,
    search: search ?? [],
    tags: tags ?? [],
    author: namespace ?? undefined,
    pipelineTag: pipelineTag ?? undefined,
    isGated: isGated ?? undefined,
  };
}

const CreateRepoInput = builder.inputType('CreateRepoInput', {
  fields: (t) => ({
    type: t.field({ type: RepoTypeEnum, required: true, defaultValue: 'model' }),
    namespace: t.string({ description: "The caller's own when it is left out" }),
    name: t.string({ required: true }),
    visibility: t.field({ type: VisibilityEnum, required: true, defaultValue: 'public' }),
    sdk: t.string({ description: 'Of a space' }),
    license: t.string(),
  }),
});

const MoveRepoInput = builder.inputType('MoveRepoInput', {
  fields: (t) => ({
    repo: t.field({ type: RepoRefInput, required: true }),
    to: t.string({ required: true, description: '`namespace/name`' }),
  }),
});

const UpdateRepoSettingsInput = builder.inputType('UpdateRepoSettingsInput', {
  description: 'A field that is left out stays as it is; null resets it to the default of the server.',
  fields: (t) => ({
    repo: t.field({ type: RepoRefInput, required: true }),
    visibility: t.field({ type: VisibilityEnum }),
    gated: t.field({ type: GatedModeEnum }),
    lfsThresholdBytes: t.field({ type: 'SafeInt' }),
    lfsKeepVersions: t.int(),
    lfsSuffixRules: t.stringList(),
  }),
});

const DeleteRepoInput = builder.inputType('DeleteRepoInput', {
  fields: (t) => ({ repo: t.field({ type: RepoRefInput, required: true }) }),
});

builder.mutationFields((t) => ({
  createRepo: t.field({
    type: RepoNode,
    ...failsWith(errors.RepoExists, errors.QuotaExceeded),
    args: { input: t.arg({ type: CreateRepoInput, required: true }) },
    resolve: (_root, { input }, { services, actor }) =>
      services.repos.create(actor, {
        ...input,
        namespace: input.namespace ?? null,
        sdk: input.sdk ?? null,
        license: input.license ?? null,
      }),
  }),
  moveRepo: t.field({
    type: RepoNode,
    ...repoFailsWith(errors.RepoExists, errors.QuotaExceeded, errors.Conflict),
    args: { input: t.arg({ type: MoveRepoInput, required: true }) },
    resolve: (_root, { input }, { services, actor }) =>
      services.repos.move(actor, parseRepoRef(input.repo), parseRepoId(input.to, 'to')),
  }),
  updateRepoSettings: t.field({
    type: RepoNode,
    ...repoFailsWith(errors.QuotaExceeded, errors.Conflict),
    args: { input: t.arg({ type: UpdateRepoSettingsInput, required: true }) },
    resolve: async (_root, { input: { repo, visibility, ...settings } }, { services, actor }) => {
      const ref = parseRepoRef(repo);
      await services.repos.updateSettings(actor, ref, { ...settings, visibility: visibility ?? undefined });
      return services.access.require(actor, ref, 'read');
    },
  }),
  deleteRepo: t.field({
    type: DeletedObject,
    ...repoFailsWith(errors.Conflict),
    args: { input: t.arg({ type: DeleteRepoInput, required: true }) },
    resolve: async (_root, { input }, { services, actor }) =>
      deleted('Repo', await services.repos.delete(actor, parseRepoRef(input.repo))),
  }),
}));
