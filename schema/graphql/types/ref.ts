import * as errors from '../../../src/domain/errors.ts';
import type { RepoAccess } from '../../../src/domain/repo/repo-access.ts';
import {
  REF_KINDS,
  type RefKind,
  type RefOfRepo,
  type RefsQuery,
} from '../../../src/domain/version/ref.service.ts';
import { builder, pageArgs } from '../builder.ts';
import { connectionOf } from '../connection.ts';
import { costlyPage } from '../costs.ts';
import { repoFailsWith } from '../errors.ts';
import { nestedList } from '../nested.ts';
import { ofRepo } from '../of-repo.ts';
import { parseRepoRef, RepoRefInput } from '../repo-ref.ts';
import { CommitNode } from './commit.ts';
import { RepoNode } from './repo.ts';

const RefObject = builder.objectRef<RefOfRepo>('Ref').implement({
  description: 'A branch, a tag, or where a pull request is.',
  fields: (t) => ({
    name: t.exposeString('name', { description: 'Short, such as `main`' }),
    refName: t.exposeString('refName', { description: 'Full, such as `refs/heads/main`' }),
    commitOid: t.exposeString('commitOid', { description: 'Of an annotated tag the commit behind it' }),
    commit: t.loadable({
      type: CommitNode,
      nullable: true,
      load: (refs: RefOfRepo[], { services, actor }) =>
        services.browse.commitsAt(
          actor,
          refs.map(({ repo, commitOid }) => ({ repo, oid: commitOid })),
        ),
      resolve: (ref) => ref,
    }),
    repo: t.expose('repo', { type: RepoNode }),
  }),
});

const RefConnection = builder.connectionObject({ type: RefObject, name: 'RefConnection' });

const DESCRIPTIONS: Readonly<Record<RefKind, string>> = {
  branches: 'Branches by name',
  tags: 'Tags by name',
  converts: '`refs/convert/*`: branches that a conversion wrote',
  pullRequests: '`refs/pr/*`, by the text of their number',
};

const refsOf = nestedList<RepoAccess, RefsQuery, RefOfRepo>(async (repos, query, { services }) => {
  const pages = await services.refs.pageOfEach(repos, query);
  return pages.map((page, index) => ofRepo(repos[index]!, page));
});

const RefsObject = builder.objectRef<RepoAccess>('RepoRefs').implement({
  fields: (t) => {
    const listOf = (kind: RefKind) =>
      t.field({
        type: RefConnection,
        description: DESCRIPTIONS[kind],
        args: pageArgs,
        complexity: costlyPage(10),
        resolve: (repo, args, context) =>
          connectionOf(args, (page) => refsOf(repo, { ...page, kind }, context)),
      });
    return Object.fromEntries(REF_KINDS.map((kind) => [kind, listOf(kind)]));
  },
});

builder.objectField(RepoNode, 'refs', (t) =>
  t.field({ type: RefsObject, nullable: true, resolve: (repo) => repo }),
);

const DeleteRefPayload = builder
  .objectRef<{ readonly refName: string }>('DeleteRefPayload')
  .implement({ fields: (t) => ({ refName: t.exposeString('refName') }) });

const CreateBranchInput = builder.inputType('CreateBranchInput', {
  fields: (t) => ({
    repo: t.field({ type: RepoRefInput, required: true }),
    branch: t.string({ required: true, description: 'Its name' }),
    revision: t.string({ description: 'Where it starts; `main` when it is left out' }),
  }),
});

const DeleteBranchInput = builder.inputType('DeleteBranchInput', {
  fields: (t) => ({
    repo: t.field({ type: RepoRefInput, required: true }),
    branch: t.string({ required: true, description: 'Its name' }),
  }),
});

const CreateTagInput = builder.inputType('CreateTagInput', {
  fields: (t) => ({
    repo: t.field({ type: RepoRefInput, required: true }),
    tag: t.string({ required: true, description: 'Its name' }),
    revision: t.string({ required: true, defaultValue: 'main' }),
    message: t.string({ description: 'Makes it an annotated tag' }),
  }),
});

const DeleteTagInput = builder.inputType('DeleteTagInput', {
  fields: (t) => ({
    repo: t.field({ type: RepoRefInput, required: true }),
    tag: t.string({ required: true, description: 'Its name' }),
  }),
});

builder.mutationFields((t) => ({
  createBranch: t.field({
    type: RefObject,
    ...repoFailsWith(errors.RefExists, errors.RevisionNotFound),
    args: { input: t.arg({ type: CreateBranchInput, required: true }) },
    resolve: (_root, { input: { repo, branch, revision } }, { services, actor }) =>
      services.refs.createBranch(actor, parseRepoRef(repo), branch, revision ?? null),
  }),
  deleteBranch: t.field({
    type: DeleteRefPayload,
    ...repoFailsWith(errors.RevisionNotFound),
    args: { input: t.arg({ type: DeleteBranchInput, required: true }) },
    resolve: async (_root, { input: { repo, branch } }, { services, actor }) => {
      await services.refs.deleteBranch(actor, parseRepoRef(repo), branch);
      return { refName: `refs/heads/${branch}` };
    },
  }),
  createTag: t.field({
    type: RefObject,
    ...repoFailsWith(errors.RefExists, errors.RevisionNotFound),
    args: { input: t.arg({ type: CreateTagInput, required: true }) },
    resolve: (_root, { input: { repo, tag: name, revision, message } }, { services, actor }) =>
      services.refs.createTag(actor, parseRepoRef(repo), { name, revision, message: message ?? null }),
  }),
  deleteTag: t.field({
    type: DeleteRefPayload,
    ...repoFailsWith(errors.RevisionNotFound),
    args: { input: t.arg({ type: DeleteTagInput, required: true }) },
    resolve: async (_root, { input: { repo, tag } }, { services, actor }) => {
      await services.refs.deleteTag(actor, parseRepoRef(repo), tag);
      return { refName: `refs/tags/${tag}` };
    },
  }),
}));
