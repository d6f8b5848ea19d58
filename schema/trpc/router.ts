import { adminRouter } from './routers/admin.router.ts';
import { externalTokenRouter } from './routers/external-token.router.ts';
import { gateRouter } from './routers/gate.router.ts';
import { likeRouter } from './routers/like.router.ts';
import { memberRouter } from './routers/member.router.ts';
import { orgRouter } from './routers/org.router.ts';
import { quotaRouter } from './routers/quota.router.ts';
import { repoRouter } from './routers/repo.router.ts';
import { siteRouter } from './routers/site.router.ts';
import { statsRouter } from './routers/stats.router.ts';
import { router } from './trpc.ts';

/** Every procedure of the hub, by noun. Clients import its type only. */
export const appRouter = router({
  admin: adminRouter,
  externalTokens: externalTokenRouter,
  gates: gateRouter,
  likes: likeRouter,
  members: memberRouter,
  orgs: orgRouter,
  quotas: quotaRouter,
  repos: repoRouter,
  site: siteRouter,
  stats: statsRouter,
});

export type AppRouter = typeof appRouter;
