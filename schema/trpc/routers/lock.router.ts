import { z } from 'zod';
import { parseRepoPath } from '../../../src/git/path.ts';
import { lockDto } from '../dto/lock.dto.ts';
import { entriesCost } from '../budget.ts';
import { OfRepo, PageInput, parseRepoRef, Revision } from '../inputs.ts';
import { costs, procedure, publicProcedure, router } from '../trpc.ts';

const path = z.string().min(1).max(4096);

const ListInput = OfRepo.extend({
  ...PageInput.shape,
  path: path.nullable().default(null).describe('Only of this file'),
  id: z.int().positive().nullable().default(null),
});

const VerifyInput = OfRepo.extend({
  ...PageInput.shape,
  refName: Revision.nullable().default(null).describe('What is to be pushed to'),
});

const UnlockInput = OfRepo.extend({
  id: z.int().positive(),
  isForced: z.boolean().default(false).describe('Ends the lock of somebody else'),
});

/** Locks of files, which git-lfs respects. */
export const lockRouter = router({
  list: publicProcedure
    .input(ListInput)
    .use(costs(({ limit }) => entriesCost(limit)))
    .query(async ({ ctx: { services, actor }, input }) => {
      const { limit, cursor = null, path: file, id: number } = input;
      const id = number === null ? null : String(number);
      const filter = { path: file === null ? null : parseRepoPath(file), id, limit, cursor };
      const { locks, nextCursor } = await services.lfsLocks.list(actor, parseRepoRef(input.repo), filter);
      return { items: locks.map(lockDto), nextCursor };
    }),
  /** What a push has to respect. */
  verify: procedure
    .input(VerifyInput)
    .use(costs(({ limit }) => entriesCost(limit)))
    .query(async ({ ctx: { services, actor }, input }) => {
      const { refName, limit, cursor = null } = input;
      const asked = { refName, limit, cursor };
      const { ours, theirs, nextCursor } = await services.lfsLocks.verify(
        actor,
        parseRepoRef(input.repo),
        asked,
      );
      return { ours: ours.map(lockDto), theirs: theirs.map(lockDto), nextCursor };
    }),
  lock: procedure
    .input(OfRepo.extend({ path }))
    .mutation(async ({ ctx: { services, actor }, input }) =>
      lockDto(await services.lfsLocks.lock(actor, parseRepoRef(input.repo), parseRepoPath(input.path))),
    ),
  unlock: procedure
    .input(UnlockInput)
    .mutation(async ({ ctx: { services, actor }, input: { repo, id, isForced } }) =>
      lockDto(await services.lfsLocks.unlock(actor, parseRepoRef(repo), { id: String(id), isForced })),
    ),
});
