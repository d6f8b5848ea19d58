import { repoRouter } from './routers/repo.router.ts';
import { router } from './trpc.ts';

/** Every procedure of the hub, by noun. Clients import its type only. */
export const appRouter = router({
  repos: repoRouter,
});

export type AppRouter = typeof appRouter;
