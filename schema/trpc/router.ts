import { accountRouter } from './routers/account.router.ts';
import { activityRouter } from './routers/activity.router.ts';
import { adminRouter } from './routers/admin.router.ts';
import { authRouter } from './routers/auth.router.ts';
import { branchRouter } from './routers/branch.router.ts';
import { commitRouter } from './routers/commit.router.ts';
import { comparisonRouter } from './routers/comparison.router.ts';
import { externalTokenRouter } from './routers/external-token.router.ts';
import { fileRouter } from './routers/file.router.ts';
import { gateRouter } from './routers/gate.router.ts';
import { invitationRouter } from './routers/invitation.router.ts';
import { likeRouter } from './routers/like.router.ts';
import { lockRouter } from './routers/lock.router.ts';
import { memberRouter } from './routers/member.router.ts';
import { orgRouter } from './routers/org.router.ts';
import { quotaRouter } from './routers/quota.router.ts';
import { refRouter } from './routers/ref.router.ts';
import { repoRouter } from './routers/repo.router.ts';
import { sessionRouter } from './routers/session.router.ts';
import { siteRouter } from './routers/site.router.ts';
import { sshKeyRouter } from './routers/ssh-key.router.ts';
import { statsRouter } from './routers/stats.router.ts';
import { tagRouter } from './routers/tag.router.ts';
import { tokenRouter } from './routers/token.router.ts';
import { uploadRouter } from './routers/upload.router.ts';
import { router } from './trpc.ts';

/** Every procedure of the hub, by noun. Clients import its type only. */
export const appRouter = router({
  account: accountRouter,
  activity: activityRouter,
  admin: adminRouter,
  auth: authRouter,
  branches: branchRouter,
  commits: commitRouter,
  comparisons: comparisonRouter,
  externalTokens: externalTokenRouter,
  files: fileRouter,
  gates: gateRouter,
  invitations: invitationRouter,
  likes: likeRouter,
  locks: lockRouter,
  members: memberRouter,
  organizations: orgRouter,
  quotas: quotaRouter,
  refs: refRouter,
  repos: repoRouter,
  sessions: sessionRouter,
  site: siteRouter,
  sshKeys: sshKeyRouter,
  stats: statsRouter,
  tags: tagRouter,
  tokens: tokenRouter,
  uploads: uploadRouter,
});

export type AppRouter = typeof appRouter;
