import { z } from 'zod';
import { parseRepoPath } from '../../../src/git/path.ts';
import { lockDto } from '../dto/lock.dto.ts';
import { PageInput, parseRepoRef, RepoRefInput, Revision } from '../inputs.ts';
import { procedure, publicProcedure, router } from '../trpc.ts';

const path = z.string().min(1).max(4096);

const ListInput = RepoRefInput.extend({
  ...PageInput.shape,
  path: path.nullable().default(null).describe('Only of this file'),
  lockId: z.string().max(20).nullable().default(null),
});

const VerifyInput = RepoRefInput.extend({
  ...PageInput.shape,
  refName: Revision.nullable().default(null).describe('What is to be pushed to'),
});

const UnlockInput = RepoRefInput.extend({
  lockId: z.string().max(20),
  isForced: z.boolean().default(false).describe('Ends the lock of somebody else'),
});

/** Locks of files, which git-lfs respects. */
export const lockRouter = router({
  list: publicProcedure.input(ListInput).query(async ({ ctx: { services, actor }, input }) => {
    const { limit, cursor = null, lockId: id } = input;
    const filter = { path: input.path === null ? null : parseRepoPath(input.path), id, limit, cursor };
    const { locks, nextCursor } = await services.lfsLocks.list(actor, parseRepoRef(input), filter);
    return { items: locks.map(lockDto), nextCursor };
  }),
  /** What a push has to respect. */
  verify: procedure.input(VerifyInput).query(async ({ ctx: { services, actor }, input }) => {
    const { refName, limit, cursor = null } = input;
    const asked = { refName, limit, cursor };
    const { ours, theirs, nextCursor } = await services.lfsLocks.verify(actor, parseRepoRef(input), asked);
    return { ours: ours.map(lockDto), theirs: theirs.map(lockDto), nextCursor };
  }),
  lock: procedure
    .input(RepoRefInput.extend({ path }))
    .mutation(async ({ ctx: { services, actor }, input }) =>
      lockDto(await services.lfsLocks.lock(actor, parseRepoRef(input), parseRepoPath(input.path))),
    ),
  unlock: procedure
    .input(UnlockInput)
    .mutation(async ({ ctx: { services, actor }, input: { lockId: id, isForced, ...repo } }) =>
      lockDto(await services.lfsLocks.unlock(actor, parseRepoRef(repo), { id, isForced })),
    ),
});
