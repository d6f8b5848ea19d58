import * as errors from '../../../src/domain/errors.ts';
import type { BranchWritten } from '../../../src/domain/history/branch-writer.ts';
import type { RepoRef } from '../../../src/domain/repo/repo-ref.ts';
import type { MergeOptions } from '../../../src/git/tree-merge.ts';
import { builder } from '../builder.ts';
import { enumOf } from '../enum.ts';
import { repoFailsWith } from '../errors.ts';
import { parseRepoRef, RepoRefInput } from '../repo-ref.ts';
import { RevisionObject } from './revision.ts';

const FAVORS = ['none', 'ours', 'theirs'] as const satisfies MergeOptions['favor'][];
const MergeFavorEnum = enumOf('MergeFavor', FAVORS);

interface BranchWrite extends BranchWritten {
  readonly repo: RepoRef;
}

const BranchWritePayload = builder.objectRef<BranchWrite>('BranchWritePayload').implement({
  fields: (t) => ({
    oid: t.exposeString('commitOid', { description: 'The head now' }),
    isNew: t.exposeBoolean('isNew', { description: 'False when there was nothing to do' }),
    revision: t.field({
      type: RevisionObject,
      nullable: true,
      resolve: ({ repo, commitOid }, _args, { services, actor }) =>
        services.browse.revision(actor, { repo, revision: commitOid }),
    }),
  }),
});

const MESSAGE = 'First line and the rest; says what was done when it is left out';
const EXPECTED_HEAD = 'A commit id of 5 digits or more: refused when the branch is not there any more';

const RevertCommitInput = builder.inputType('RevertCommitInput', {
  fields: (t) => ({
    repo: t.field({ type: RepoRefInput, required: true }),
    branch: t.string({ required: true, defaultValue: 'main' }),
    revision: t.string({ required: true, description: 'The commit to take back' }),
    parentNumber: t.int({
      required: true,
      defaultValue: 1,
      description: 'Of a merge: which parent counts as the state before',
    }),
    allowsEmpty: t.boolean({ required: true, defaultValue: false }),
    message: t.string({ description: MESSAGE }),
    expectedHead: t.string({ description: EXPECTED_HEAD }),
  }),
});

const ResetBranchInput = builder.inputType('ResetBranchInput', {
  fields: (t) => ({
    repo: t.field({ type: RepoRefInput, required: true }),
    branch: t.string({ required: true }),
    revision: t.string({ required: true, description: 'Whose files the branch shall have' }),
    isForced: t.boolean({
      required: true,
      defaultValue: false,
      description: 'Needed for the default branch',
    }),
    message: t.string({ description: MESSAGE }),
    expectedHead: t.string({ description: EXPECTED_HEAD }),
  }),
});

const MergeRevisionInput = builder.inputType('MergeRevisionInput', {
  fields: (t) => ({
    repo: t.field({ type: RepoRefInput, required: true }),
    source: t.string({ required: true, description: 'Any revision' }),
    destination: t.string({ required: true, description: 'A branch' }),
    favor: t.field({
      type: MergeFavorEnum,
      required: true,
      defaultValue: 'none',
      description: 'Whose version of a file is taken when both changed it; `OURS` is the destination',
    }),
    isSquashed: t.boolean({
      required: true,
      defaultValue: false,
      description: 'The new commit does not name the source as a parent',
    }),
    message: t.string({ description: MESSAGE }),
    expectedHead: t.string({ description: EXPECTED_HEAD }),
  }),
});

const SuperSquashBranchInput = builder.inputType('SuperSquashBranchInput', {
  fields: (t) => ({
    repo: t.field({ type: RepoRefInput, required: true }),
    branch: t.string({ required: true, description: 'Or `refs/pr/N`' }),
    message: t.string({ description: MESSAGE }),
    expectedHead: t.string({ description: EXPECTED_HEAD }),
  }),
});

/** What changes of a branch as a whole can be refused for. */
const writeFailsWith = repoFailsWith(
  errors.RevisionNotFound,
  errors.StaleParent,
  errors.Conflict,
  errors.LfsObjectMissing,
  errors.PayloadTooLarge,
  errors.QuotaExceeded,
);

builder.mutationFields((t) => ({
  revertCommit: t.field({
    type: BranchWritePayload,
    description: 'Takes back what one commit changed, by a new one',
    ...writeFailsWith,
    args: { input: t.arg({ type: RevertCommitInput, required: true }) },
    resolve: async (_root, { input: { repo: name, branch, ...input } }, { services, actor }) => {
      const repo = parseRepoRef(name);
      return { repo, ...(await services.branches.revert(actor, repo, branch, optional(input))) };
    },
  }),
  resetBranch: t.field({
    type: BranchWritePayload,
    description: 'Makes a branch hold what a revision holds, by a new commit',
    ...writeFailsWith,
    args: { input: t.arg({ type: ResetBranchInput, required: true }) },
    resolve: async (_root, { input: { repo: name, branch, ...input } }, { services, actor }) => {
      const repo = parseRepoRef(name);
      return { repo, ...(await services.branches.reset(actor, repo, branch, optional(input))) };
    },
  }),
  mergeRevision: t.field({
    type: BranchWritePayload,
    description: 'Brings the changes of a revision into a branch',
    ...writeFailsWith,
    args: { input: t.arg({ type: MergeRevisionInput, required: true }) },
    resolve: async (_root, { input: { repo: name, ...input } }, { services, actor }) => {
      const repo = parseRepoRef(name);
      return { repo, ...(await services.branches.merge(actor, repo, optional(input))) };
    },
  }),
  superSquashBranch: t.field({
    type: BranchWritePayload,
    description: 'Makes the files of a branch the one commit of a new history',
    ...writeFailsWith,
    args: { input: t.arg({ type: SuperSquashBranchInput, required: true }) },
    resolve: async (_root, { input: { repo: name, branch, ...input } }, { services, actor }) => {
      const repo = parseRepoRef(name);
      return { repo, ...(await services.branches.superSquash(actor, repo, branch, optional(input))) };
    },
  }),
}));

/** What may be left out, as null. */
function optional<
  Input extends {
    readonly message?: string | null | undefined;
    readonly expectedHead?: string | null | undefined;
  },
>(input: Input) {
  return { ...input, message: input.message ?? null, expectedHead: input.expectedHead ?? null };
}
