import * as errors from '../../../src/domain/errors.ts';
import type { RepoRef } from '../../../src/domain/repo/repo-ref.ts';
import type { CommitResult } from '../../../src/domain/version/commit-request.ts';
import { FILE_ENCODINGS, type OperationInput, parseOperations } from '../../commit-operations.ts';
import { builder } from '../builder.ts';
import { enumOf } from '../enum.ts';
import { repoFailsWith } from '../errors.ts';
import { parseRepoRef, RepoRefInput } from '../repo-ref.ts';
import { RevisionObject } from './revision.ts';

const FileEncodingEnum = enumOf('FileEncoding', FILE_ENCODINGS);

const CommitFileInput = builder.inputType('CommitFileInput', {
  fields: (t) => ({
    path: t.string({ required: true }),
    content: t.string({ required: true }),
    encoding: t.field({ type: FileEncodingEnum, required: true, defaultValue: 'utf-8' }),
  }),
});

const CommitLfsFileInput = builder.inputType('CommitLfsFileInput', {
  fields: (t) => ({
    path: t.string({ required: true }),
    sha256: t.string({ required: true, description: 'Of an object that was uploaded to this repository' }),
    sizeBytes: t.field({ type: 'SafeInt' }),
  }),
});

const CommitDeletionInput = builder.inputType('CommitDeletionInput', {
  fields: (t) => ({ path: t.string({ required: true }) }),
});

const CommitCopyInput = builder.inputType('CommitCopyInput', {
  fields: (t) => ({
    path: t.string({ required: true }),
    sourcePath: t.string({ required: true }),
    sourceRevision: t.string({ description: 'The branch itself when it is left out' }),
  }),
});

const CommitOperationInput = builder.inputType('CommitOperation', {
  isOneOf: true,
  fields: (t) => ({
    file: t.field({ type: CommitFileInput }),
    lfsFile: t.field({ type: CommitLfsFileInput }),
    deleteFile: t.field({ type: CommitDeletionInput }),
    deleteFolder: t.field({ type: CommitDeletionInput }),
    copyFile: t.field({ type: CommitCopyInput }),
  }),
});

const CommitFilesInput = builder.inputType('CommitFilesInput', {
  fields: (t) => ({
    repo: t.field({ type: RepoRefInput, required: true }),
    branch: t.string({ required: true, defaultValue: 'main', description: 'Or `refs/pr/N`' }),
    title: t.string({ required: true }),
    description: t.string({ required: true, defaultValue: '' }),
    expectedHead: t.string({
      description: 'A commit id of 5 digits or more: refused when the branch is not there any more',
    }),
    createsPullRequest: t.boolean({
      required: true,
      defaultValue: false,
      description: 'Leaves the branch alone and opens a pull request against it',
    }),
    operations: t.field({
      type: [CommitOperationInput],
      required: true,
      description: 'In their order, 1000 at most',
    }),
  }),
});

const CommitFilesPayload = builder
  .objectRef<CommitResult & { readonly repo: RepoRef }>('CommitFilesPayload')
  .implement({
    fields: (t) => ({
      oid: t.exposeString('commitOid', { description: 'The new head; the old one when nothing changed' }),
      refName: t.exposeString('refName'),
      pullRequestNumber: t.exposeInt('pullRequestNumber', { nullable: true }),
      revision: t.field({
        type: RevisionObject,
        nullable: true,
        resolve: ({ repo, commitOid }, _args, { services, actor }) =>
          services.browse.revision(actor, { repo, revision: commitOid }),
      }),
    }),
  });

builder.mutationField('commitFiles', (t) =>
  t.field({
    type: CommitFilesPayload,
    description: 'One commit of small files, uploaded objects, deletions and copies',
    ...repoFailsWith(
      errors.RevisionNotFound,
      errors.EntryNotFound,
      errors.InvalidPath,
      errors.StaleParent,
      errors.Conflict,
      errors.LfsObjectMissing,
      errors.PayloadTooLarge,
      errors.QuotaExceeded,
    ),
    args: { input: t.arg({ type: CommitFilesInput, required: true }) },
    resolve: async (
      _root,
      { input: { repo: name, branch, expectedHead, ...input } },
      { services, actor, config },
    ) => {
      const repo = parseRepoRef(name);
      const operations = parseOperations(input.operations.map(toOperation), config.limits);
      const request = { ...input, parentCommit: expectedHead ?? null, operations };
      return { repo, ...(await services.commits.commit(actor, repo, branch, request)) };
    },
  }),
);

/** One key holds the operation: its name is the kind. */
function toOperation(input: typeof CommitOperationInput.$inferInput): OperationInput {
  const [[kind, operation]] = Object.entries(input) as [[OperationInput['kind'], object]];
  return { kind, ...operation } as OperationInput;
}
