import { AccountDeletionService } from '../domain/account/account-deletion.service.ts';
import { AccountService } from '../domain/account/account.service.ts';
import { AvatarService } from '../domain/account/avatar.service.ts';
import { EmailChangeService } from '../domain/account/email-change.service.ts';
import { NameCheckService } from '../domain/account/name-check.service.ts';
import { ProfileService } from '../domain/account/profile.service.ts';
import { AdminHealthService } from '../domain/admin/admin-health.service.ts';
import { AdminInvitationService } from '../domain/admin/admin-invitation.service.ts';
import { AdminLoginService } from '../domain/admin/admin-login.service.ts';
import { AdminOrgService } from '../domain/admin/admin-org.service.ts';
import { AdminRepoService } from '../domain/admin/admin-repo.service.ts';
import { AdminUserService } from '../domain/admin/admin-user.service.ts';
import { AuditService } from '../domain/admin/audit.service.ts';
import { StorageOverviewService } from '../domain/admin/storage-overview.service.ts';
import { AuthService } from '../domain/auth/auth.service.ts';
import { PasswordResetService } from '../domain/auth/password-reset.service.ts';
import { PasswordService } from '../domain/auth/password.service.ts';
import { RegistrationService } from '../domain/auth/registration.service.ts';
import { SessionService } from '../domain/auth/session.service.ts';
import { SshKeyService } from '../domain/auth/ssh-key.service.ts';
import { TokenService } from '../domain/auth/token.service.ts';
import type { Deps } from '../domain/deps.ts';
import { BranchService } from '../domain/history/branch.service.ts';
import { DiffService } from '../domain/history/diff.service.ts';
import { BrowseService } from '../domain/download/browse.service.ts';
import { ResolveService } from '../domain/download/resolve.service.ts';
import { GcService } from '../domain/gc/gc.service.ts';
import { GitPushService } from '../domain/git/git-push.service.ts';
import { GitReadService } from '../domain/git/git-read.service.ts';
import { GitSessionService } from '../domain/git/git-session.service.ts';
import { OrgInfoService } from '../domain/org/org-info.service.ts';
import { GateService } from '../domain/gate/gate.service.ts';
import { OrgService } from '../domain/org/org.service.ts';
import { FsckService } from '../domain/fsck/fsck.service.ts';
import { HealthService } from '../domain/ops/health.service.ts';
import { InvitationService } from '../domain/invitation/invitation.service.ts';
import { InvitationUseService } from '../domain/invitation/invitation-use.service.ts';
import { LfsBatchService } from '../domain/lfs/lfs-batch.service.ts';
import { LfsGrantsService } from '../domain/lfs/lfs-grants.service.ts';
import { LfsLockService } from '../domain/lfs/lfs-lock.service.ts';
import { LfsUploadsService } from '../domain/lfs/lfs-uploads.service.ts';
import { LfsVerifierService } from '../domain/lfs/lfs-verifier.service.ts';
import { LfsSshService } from '../domain/lfs/lfs-ssh.service.ts';
import { LfsTransferService } from '../domain/lfs/lfs-transfer.service.ts';
import { LfsService } from '../domain/lfs/lfs.service.ts';
import { QuotaService } from '../domain/quota/quota.service.ts';
import { RepoAccessService } from '../domain/repo/repo-access.service.ts';
import { RepoIndexService } from '../domain/repo/repo-index.service.ts';
import { RepoInfoService } from '../domain/repo/repo-info.service.ts';
import { RepoListService } from '../domain/repo/repo-list.service.ts';
import { RepoService } from '../domain/repo/repo.service.ts';
import { StorageService } from '../domain/storage/storage.service.ts';
import { PreuploadService } from '../domain/upload/preupload.service.ts';
import { LikeService } from '../domain/social/like.service.ts';
import { StatsService } from '../domain/stats/stats.service.ts';
import { BlobService } from '../domain/version/blob.service.ts';
import { CommitService } from '../domain/version/commit.service.ts';
import { HistoryService } from '../domain/version/history.service.ts';
import { RefService } from '../domain/version/ref.service.ts';
import { RevisionService } from '../domain/version/revision.service.ts';
import { TreeService } from '../domain/version/tree.service.ts';
import { ShardUploadService } from '../domain/xet/shard-upload.service.ts';
import { LfsDuplicateService } from '../domain/xet/lfs-duplicate.service.ts';
import { DedupService } from '../domain/xet/dedup.service.ts';
import { XetAccessService } from '../domain/xet/xet-access.service.ts';
import { ReconstructionService } from '../domain/xet/reconstruction.service.ts';
import { XetReadService } from '../domain/xet/xet-read.service.ts';
import { XorbReadService } from '../domain/xet/xorb-read.service.ts';
import { XorbUploadService } from '../domain/xet/xorb-upload.service.ts';
import { XetUsageService } from '../domain/xet/xet-usage.service.ts';

/** The one place where services meet. The order shows who depends on whom, so a cycle cannot be written. */
export function createServices(deps: Deps) {
  const health = new HealthService(deps);
  const fsck = new FsckService(deps);
  const gc = new GcService(deps);
  const accounts = new AccountService(deps);
  const avatars = new AvatarService(deps);
  const passwords = new PasswordService(deps);
  const profiles = new ProfileService(deps);
  const emailChanges = new EmailChangeService(deps);
  const passwordResets = new PasswordResetService(deps);
  const accountDeletions = new AccountDeletionService(deps, { profiles, passwords });
  const auth = new AuthService(deps, passwords);
  const sessions = new SessionService(deps, passwords);
  const invitations = new InvitationService(deps);
  const invitationUses = new InvitationUseService(deps);
  const registration = new RegistrationService(deps, { accounts, sessions, invitations: invitationUses });
  const tokens = new TokenService(deps);
  const sshKeys = new SshKeyService(deps);
  const orgs = new OrgService(deps, accounts);
  const orgInfo = new OrgInfoService(deps);
  const access = new RepoAccessService(deps);
  const gates = new GateService(deps, access);
  const quotas = new QuotaService(deps, access);
  const revisions = new RevisionService(deps);
  const lfsVerifier = new LfsVerifierService(deps);
  const xetReads = new XetReadService(deps);
  const xorbReads = new XorbReadService(deps);
  const reconstructions = new ReconstructionService(deps);
  const xetAccess = new XetAccessService(deps, { access, revisions });
  const dedup = new DedupService(deps);
  const xetUsage = new XetUsageService(deps);
  const lfs = new LfsService(deps, { verifier: lfsVerifier, xetReads });
  const xorbUploads = new XorbUploadService(deps, { access: xetAccess });
  const shardUploads = new ShardUploadService(deps, { access: xetAccess, lfs });
  const lfsBatch = new LfsBatchService(deps, { access, grants: new LfsGrantsService(deps, xetAccess), lfs });
  const lfsDuplicates = new LfsDuplicateService(deps, { access, lfs });
  const lfsLocks = new LfsLockService(deps, access);
  const lfsUploads = new LfsUploadsService(deps, { access, verifier: lfsVerifier });
  const lfsSsh = new LfsSshService(deps, access);
  const lfsTransfers = new LfsTransferService(deps, {
    ssh: lfsSsh,
    batches: lfsBatch,
    uploads: lfsUploads,
    lfs,
  });
  const storage = new StorageService(deps, lfsUploads);
  const trees = new TreeService(deps);
  const history = new HistoryService(deps);
  const blobs = new BlobService(deps);
  const browse = new BrowseService(deps, { access, revisions, trees, history });
  const diffs = new DiffService(deps, { access, revisions, history, blobs });
  const preuploads = new PreuploadService(deps, { access, revisions, trees, blobs });
  const resolve = new ResolveService(deps, { access, revisions, trees, blobs, lfs });
  const repos = new RepoService(deps, access);
  const repoInfo = new RepoInfoService(deps, { access, revisions, trees });
  const repoLists = new RepoListService(deps);
  const likes = new LikeService(deps, access);
  const stats = new StatsService(deps, access);
  const repoIndex = new RepoIndexService(deps, { trees, blobs, lfs });
  const commits = new CommitService(deps, { access, revisions, trees, lfs, repoIndex });
  const branches = new BranchService(deps, { access, revisions, commits, repoIndex });
  const refs = new RefService(deps, { access, revisions });
  const gitReads = new GitReadService(deps, access);
  const gitPushes = new GitPushService(deps, { access, lfs, repoIndex });
  const gitSessions = new GitSessionService(deps, gitReads);
  const names = new NameCheckService(deps, access);
  const adminUsers = new AdminUserService(deps, { accounts, deletions: accountDeletions });
  const adminLogins = new AdminLoginService(deps);
  const adminOrgs = new AdminOrgService(deps);
  const adminRepos = new AdminRepoService(deps, repos);
  const adminInvitations = new AdminInvitationService(deps);
  const adminHealth = new AdminHealthService(deps);
  const storageOverview = new StorageOverviewService(deps);
  const audit = new AuditService(deps);
  return {
    xorbUploads,
    shardUploads,
    xetReads,
    xorbReads,
    reconstructions,
    xetAccess,
    xetUsage,
    dedup,
    health,
    fsck,
    gc,
    accounts,
    avatars,
    profiles,
    emailChanges,
    passwordResets,
    accountDeletions,
    passwords,
    auth,
    sessions,
    registration,
    invitations,
    invitationUses,
    tokens,
    sshKeys,
    orgs,
    orgInfo,
    access,
    gates,
    quotas,
    lfs,
    lfsBatch,
    lfsUploads,
    lfsLocks,
    lfsDuplicates,
    lfsSsh,
    lfsTransfers,
    storage,
    revisions,
    trees,
    history,
    blobs,
    browse,
    diffs,
    preuploads,
    resolve,
    repos,
    repoInfo,
    repoLists,
    likes,
    stats,
    repoIndex,
    refs,
    commits,
    branches,
    gitReads,
    gitPushes,
    gitSessions,
    names,
    adminUsers,
    adminLogins,
    adminOrgs,
    adminRepos,
    adminInvitations,
    adminHealth,
    storageOverview,
    audit,
  };
}

export type Services = ReturnType<typeof createServices>;
