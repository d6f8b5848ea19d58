import { encodeGlobalID } from '@pothos/plugin-relay';
import * as errors from '../../../src/domain/errors.ts';
import type { HeldLock } from '../../../src/domain/lfs/lfs-lock.ts';
import type { RepoAccess } from '../../../src/domain/repo/repo-access.ts';
import { parseRepoPath, type RepoPath } from '../../../src/git/path.ts';
import { builder, pageArgs } from '../builder.ts';
import { connectionOf, type PageQuery } from '../connection.ts';
import { costlyPage } from '../costs.ts';
import { repoFailsWith } from '../errors.ts';
import { parseIdOf } from '../node-id.ts';
import { nestedList } from '../nested.ts';
import { parseRepoRef, RepoRefInput } from '../repo-ref.ts';
import { UserNode } from './account.ts';
import { RepoNode } from './repo.ts';

const FileLockObject = builder.objectRef<HeldLock>('FileLock').implement({
  description: 'Somebody works on a file: git-lfs refuses to push changes of others to it, in any branch.',
  fields: (t) => ({
    id: t.id({ resolve: ({ id }) => encodeGlobalID('FileLock', id) }),
    path: t.exposeString('path'),
    ownerName: t.exposeString('ownerName'),
    owner: t.loadable({
      type: UserNode,
      nullable: true,
      load: (ids: number[], { services }) => services.profiles.profilesById(ids),
      resolve: ({ ownerId }) => ownerId,
    }),
    lockedAt: t.expose('lockedAt', { type: 'DateTime' }),
  }),
});

const FileLockConnection = builder.connectionObject({ type: FileLockObject, name: 'FileLockConnection' });

const locksOf = nestedList<RepoAccess, PageQuery & { readonly path: RepoPath | null }, HeldLock>(
  async (repos, { path, limit, cursor = null }, { services }) => {
    const pages = await services.lfsLocks.listOfEach(repos, { path, id: null, limit, cursor });
    return pages.map((page) =>
      page instanceof Error ? page : { items: page.locks, nextCursor: page.nextCursor },
    );
  },
);

builder.objectField(RepoNode, 'locks', (t) =>
  t.field({
    type: FileLockConnection,
    nullable: true,
    description: 'Oldest first, for those who may read the files',
    args: { ...pageArgs, path: t.arg.string({ description: 'Only of this file' }) },
    complexity: costlyPage(10),
    resolve: (repo, { path, ...args }, context) =>
      connectionOf(args, (page) =>
        locksOf(repo, { path: path == null ? null : parseRepoPath(path), ...page }, context),
      ),
  }),
);

const LockFileInput = builder.inputType('LockFileInput', {
  fields: (t) => ({
    repo: t.field({ type: RepoRefInput, required: true }),
    path: t.string({ required: true }),
  }),
});

const UnlockFileInput = builder.inputType('UnlockFileInput', {
  fields: (t) => ({
    repo: t.field({ type: RepoRefInput, required: true }),
    id: t.id({ required: true, description: 'Of the `FileLock`' }),
    isForced: t.boolean({
      required: true,
      defaultValue: false,
      description: 'For administrators of the repository, to end the lock of somebody else',
    }),
  }),
});

builder.mutationFields((t) => ({
  lockFile: t.field({
    type: FileLockObject,
    description: 'Whether a file is there or not',
    ...repoFailsWith(errors.Conflict, errors.InvalidPath),
    args: { input: t.arg({ type: LockFileInput, required: true }) },
    resolve: (_root, { input: { repo, path } }, { services, actor }) =>
      services.lfsLocks.lock(actor, parseRepoRef(repo), parseRepoPath(path)),
  }),
  unlockFile: t.field({
    type: FileLockObject,
    description: 'Answers with the lock that was ended',
    ...repoFailsWith(errors.NotFound),
    args: { input: t.arg({ type: UnlockFileInput, required: true }) },
    resolve: (_root, { input: { repo, id, isForced } }, { services, actor }) =>
      services.lfsLocks.unlock(actor, parseRepoRef(repo), {
        id: String(parseIdOf('FileLock', id)),
        isForced,
      }),
  }),
}));
