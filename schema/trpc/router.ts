import { externalTokenRouter } from './routers/external-token.router.ts';
import { repoRouter } from './routers/repo.router.ts';
import { router } from './trpc.ts';

/** Every procedure of the hub, by noun. Clients import its type only. */
export const appRouter = router({
  externalTokens: externalTokenRouter,
  repos: repoRouter,
});

export type AppRouter = typeof appRouter;
