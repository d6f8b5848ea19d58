import {
  type FoundRange,
  type Range,
  RANGE_STARTS,
  SIDES,
} from '../../../src/domain/history/diff.service.ts';
import { unifiedText } from '../../../src/domain/history/file-diffs.ts';
import type { FileChange, FileDiff, FileState } from '../../../src/domain/history/values.ts';
import type { RepoAccess } from '../../../src/domain/repo/repo-access.ts';
import type { CommitOfRepo } from '../../../src/domain/version/history.service.ts';
import type { SchemaContext } from '../../context.ts';
import { builder, pageArgs } from '../builder.ts';
import { connectionOf, type PageQuery } from '../connection.ts';
import { COST } from '../../costs.ts';
import { costlyPage } from '../costs.ts';
import { enumOf } from '../enum.ts';
import { ofRepo } from '../of-repo.ts';
import { CommitConnection, CommitNode } from './commit.ts';
import { RepoNode } from './repo.ts';
import { LfsTargetObject } from './tree.ts';

const CHANGE_KINDS = ['added', 'deleted', 'modified', 'renamed'] as const satisfies FileChange['kind'][];
const NO_TEXTS = ['lfs', 'submodule', 'binary', 'too-large'] as const satisfies FileDiff['noText'][];

const ChangeKindEnum = enumOf('ChangeKind', CHANGE_KINDS);
const NoTextEnum = enumOf('NoText', NO_TEXTS);
const RangeStartEnum = enumOf('RangeStart', RANGE_STARTS);
const SideEnum = enumOf('ComparisonSide', SIDES);

const FileStateObject = builder.objectRef<FileState>('FileState').implement({
  description: 'What a path was on one side of a comparison.',
  fields: (t) => ({
    mode: t.exposeString('mode'),
    oid: t.exposeString('oid', { description: 'Git blob id; of a submodule the commit it names' }),
    sizeBytes: t.expose('sizeBytes', {
      type: 'SafeInt',
      nullable: true,
      description: 'Null for a submodule',
    }),
    lfs: t.expose('lfs', { type: LfsTargetObject, nullable: true }),
  }),
});

const ChangedFileInterface = builder.interfaceRef<FileChange>('ChangedFile').implement({
  resolveType: (change) => ('noText' in change ? 'FileDiff' : 'FileChange'),
  fields: (t) => ({
    kind: t.expose('kind', { type: ChangeKindEnum }),
    path: t.exposeString('path'),
    oldPath: t.exposeString('oldPath', { nullable: true, description: 'Of a renamed file' }),
    before: t.expose('before', { type: FileStateObject, nullable: true }),
    after: t.expose('after', { type: FileStateObject, nullable: true }),
  }),
});

const FileChangeObject = builder.objectRef<FileChange>('FileChange').implement({
  interfaces: [ChangedFileInterface],
});

const FileDiffObject = builder.objectRef<FileDiff>('FileDiff').implement({
  interfaces: [ChangedFileInterface],
  fields: (t) => ({
    text: t.string({
      nullable: true,
      description: 'A unified diff; empty when only name or mode changed',
      resolve: unifiedText,
    }),
    addedLines: t.exposeInt('addedLines'),
    deletedLines: t.exposeInt('deletedLines'),
    noText: t.expose('noText', { type: NoTextEnum, nullable: true, description: 'Why there is no text' }),
  }),
});

const FileChangeConnection = builder.connectionObject({
  type: FileChangeObject,
  name: 'FileChangeConnection',
});
const FileDiffConnection = builder.connectionObject({ type: FileDiffObject, name: 'FileDiffConnection' });

const changeArgs = builder.args((t) => ({
  ...pageArgs,
  path: t.string({ description: 'Only this file, or what is below this folder' }),
}));

const CHANGES = 'Changed files in byte order of their paths';
const DIFFS = `${CHANGES}, with texts, for those who may read the files. A page ends early at some megabytes`;

builder.objectFields(CommitNode, (t) => ({
  changedFiles: t.field({
    type: FileChangeConnection,
    nullable: true,
    description: `${CHANGES}, against the first parent`,
    args: changeArgs,
    complexity: costlyPage(COST.changes),
    resolve: (commit, { path, ...args }, { services, actor }) =>
      connectionOf(args, async (page) => {
        const { compared } = await services.diffs.findCommit(actor, revisionOf(commit), 'names');
        return services.diffs.files(compared, { ...page, path: path ?? undefined });
      }),
  }),
  diffs: t.field({
    type: FileDiffConnection,
    nullable: true,
    description: DIFFS,
    args: changeArgs,
    complexity: costlyPage(COST.comparison),
    resolve: (commit, { path, ...args }, { services, actor }) =>
      connectionOf(args, async (page) => {
        const { compared } = await services.diffs.findCommit(actor, revisionOf(commit), 'contents');
        return services.diffs.diffs(compared, { ...page, path: path ?? undefined });
      }),
  }),
}));

function revisionOf({ repo, oid }: CommitOfRepo) {
  return { repo, revision: oid };
}

/** Two revisions of a repository, by the commits that they were when they were first asked for. */
interface Comparison extends FoundRange {
  readonly repo: RepoAccess;
  readonly range: Range;
}

const ComparisonObject = builder.objectRef<Comparison>('Comparison').implement({
  description:
    'How two revisions lie to each other. Pages of its lists stay with the commits of the first page.',
  fields: (t) => ({
    baseOid: t.exposeString('baseOid'),
    headOid: t.exposeString('headOid'),
    mergeBaseOid: t.exposeString('mergeBaseOid', {
      nullable: true,
      description: 'Null without a common history',
    }),
    aheadCount: t.exposeInt('aheadCount', { description: 'Commits of the head that the base lacks' }),
    behindCount: t.exposeInt('behindCount', { description: 'Commits of the base that the head lacks' }),
    commits: t.field({
      type: CommitConnection,
      nullable: true,
      description: 'Commits that one side has alone, newest first',
      args: { ...pageArgs, side: t.arg({ type: SideEnum, required: true, defaultValue: 'ahead' }) },
      complexity: costlyPage(COST.page),
      resolve: ({ repo, range }, { side, ...args }, { services, actor }) =>
        connectionOf(args, async (page) =>
          ofRepo(repo, await services.diffs.sideCommits(actor, repo, range, { ...page, side })),
        ),
    }),
    changedFiles: t.field({
      type: FileChangeConnection,
      nullable: true,
      description: CHANGES,
      args: changeArgs,
      complexity: costlyPage(COST.changes),
      resolve: (comparison, { path, ...args }, context) =>
        connectionOf(args, async (page) => {
          const { compared } = await comparedFor('names', comparison, page, context);
          return context.services.diffs.files(compared, { ...page, path: path ?? undefined });
        }),
    }),
    diffs: t.field({
      type: FileDiffConnection,
      nullable: true,
      description: DIFFS,
      args: changeArgs,
      complexity: costlyPage(COST.comparison),
      resolve: (comparison, { path, ...args }, context) =>
        connectionOf(args, async (page) => {
          const { compared } = await comparedFor('contents', comparison, page, context);
          return context.services.diffs.diffs(compared, { ...page, path: path ?? undefined });
        }),
    }),
    patch: t.string({
      nullable: true,
      description: 'All of it for `git apply`, up to 1 MB, for those who may read the files',
      complexity: 2 * COST.comparison,
      resolve: async (comparison, _args, context) => {
        const { compared } = await comparedFor('contents', comparison, {}, context);
        return context.services.diffs.patchText(compared);
      },
    }),
  }),
});

/** The right to look is asked for again by each list: a gate keeps contents from whom names are shown to. */
function comparedFor(
  looking: 'names' | 'contents',
  { repo, range }: Comparison,
  { cursor }: Pick<PageQuery, 'cursor'>,
  { services, actor }: SchemaContext,
): Promise<FoundRange> {
  return services.diffs.findRange(actor, repo, range, { looking, cursor });
}

builder.objectField(RepoNode, 'compare', (t) =>
  t.field({
    type: ComparisonObject,
    nullable: true,
    args: {
      base: t.arg.string({ required: true, description: 'Any revision' }),
      head: t.arg.string({ required: true, description: 'Any revision' }),
      from: t.arg({
        type: RangeStartEnum,
        required: true,
        defaultValue: 'merge-base',
        description: '`MERGE_BASE` is what the head changed since they parted, `BASE` all that differs',
      }),
    },
    complexity: COST.comparison,
    resolve: async (repo, { base, head, from }, { services, actor }) => {
      const found = await services.diffs.findRange(actor, repo, { base, head, from }, { looking: 'names' });
      return { ...found, repo, range: { base: found.baseOid, head: found.headOid, from } };
    },
  }),
);
