import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { parseRepoPath } from '../../src/git/path.ts';
import { repoRef } from '../wire/repo-params.ts';
import {
  CreateLockBody,
  ListLocksQuery,
  presentLock,
  presentLocks,
  presentVerifiedLocks,
  UnlockBody,
  UnlockParams,
  VerifyLocksBody,
} from './lock-wire.ts';
import { LFS_MEDIA_TYPE } from './lfs-wire.ts';
import { LFS_REPO_PATHS } from './paths.ts';

/** The locking API of Git LFS, https://github.com/git-lfs/git-lfs/blob/main/docs/api/locking.md */
export const locksRoute: FastifyPluginAsyncZod = async (app) => {
  await app.register(createLockRoute);
  await app.register(listLocksRoute);
  await app.register(verifyLocksRoute);
  await app.register(unlockRoute);
};

/** POST …/info/lfs/locks: 201 with the lock, or 409 with the one that is there. */
const createLockRoute: FastifyPluginAsyncZod = async (app) => {
  for (const { path, params } of LFS_REPO_PATHS) {
    app.post(
      `${path}/info/lfs/locks`,
      { schema: { summary: 'Lock a file', tags: ['lfs'], params, body: CreateLockBody } },
      async (request, reply) => {
        const { actor, services } = request.scope;
        const wanted = parseRepoPath(request.body.path);
        const lock = await services.lfsLocks.lock(actor, repoRef(request.params), wanted);
        return reply.code(201).type(LFS_MEDIA_TYPE).send(presentLock(lock));
      },
    );
  }
};

/** GET …/info/lfs/locks: who locked what. */
const listLocksRoute: FastifyPluginAsyncZod = async (app) => {
  for (const { path, params } of LFS_REPO_PATHS) {
    app.get(
      `${path}/info/lfs/locks`,
      { schema: { summary: 'List locks', tags: ['lfs'], params, querystring: ListLocksQuery } },
      async (request, reply) => {
        const { actor, services } = request.scope;
        const { path, ...query } = request.query;
        const filter = { ...query, path: path === null ? null : parseRepoPath(path) };
        const page = await services.lfsLocks.list(actor, repoRef(request.params), filter);
        return reply.type(LFS_MEDIA_TYPE).send(presentLocks(page));
      },
    );
  }
};

/** POST …/info/lfs/locks/verify: what git-lfs asks before a push. */
const verifyLocksRoute: FastifyPluginAsyncZod = async (app) => {
  for (const { path, params } of LFS_REPO_PATHS) {
    app.post(
      `${path}/info/lfs/locks/verify`,
      { schema: { summary: 'Locks of a push', tags: ['lfs'], params, body: VerifyLocksBody } },
      async (request, reply) => {
        const { actor, services } = request.scope;
        const { ref, cursor, limit } = request.body;
        const asked = { refName: ref?.name ?? null, cursor, limit };
        const locks = await services.lfsLocks.verify(actor, repoRef(request.params), asked);
        return reply.type(LFS_MEDIA_TYPE).send(presentVerifiedLocks(locks));
      },
    );
  }
};

/** POST …/info/lfs/locks/{id}/unlock */
const unlockRoute: FastifyPluginAsyncZod = async (app) => {
  for (const { path, params } of LFS_REPO_PATHS) {
    app.post(
      `${path}/info/lfs/locks/:id/unlock`,
      {
        schema: {
          summary: 'Unlock a file',
          tags: ['lfs'],
          params: params.extend(UnlockParams),
          body: UnlockBody,
        },
      },
      async (request, reply) => {
        const { actor, services } = request.scope;
        const asked = { id: request.params.id, isForced: request.body.force ?? false };
        const lock = await services.lfsLocks.unlock(actor, repoRef(request.params), asked);
        return reply.type(LFS_MEDIA_TYPE).send(presentLock(lock));
      },
    );
  }
};
