import { encodeGlobalID } from '@pothos/plugin-relay';
import * as errors from '../../../src/domain/errors.ts';
import type { HeldLock } from '../../../src/domain/lfs/lfs-lock.ts';
import { parseRepoPath } from '../../../src/git/path.ts';
import { builder, pageArgs } from '../builder.ts';
import { connectionOf } from '../connection.ts';
import { costlyPage } from '../costs.ts';
import { repoFailsWith } from '../errors.ts';
import { parseIdOf } from '../node-id.ts';
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

builder.objectField(RepoNode, 'locks', (t) =>
  t.field({
    type: FileLockConnection,
    nullable: true,
    description: 'Oldest first, for those who may read the files',
    args: { ...pageArgs, path: t.arg.string({ description: 'Only of this file' }) },
    complexity: costlyPage(10),
    resolve: (repo, { path, ...args }, { services, actor }) =>
      connectionOf(args, async ({ limit, cursor = null }) => {
        const filter = { path: path == null ? null : parseRepoPath(path), id: null, limit, cursor };
        const { locks, nextCursor } = await services.lfsLocks.list(actor, repo, filter);
        return { items: locks, nextCursor };
      }),
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
