import { keepGetters } from '../lib/keep-getters.ts';
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
import { ExternalTokenService } from '../domain/fallback/external-token.service.ts';
import { FallbackSourceService } from '../domain/fallback/fallback-source.service.ts';
import { ActivityService } from '../domain/activity/activity.service.ts';
import { AuthService } from '../domain/auth/auth.service.ts';
import { PasswordResetService } from '../domain/auth/password-reset.service.ts';
import { PasswordService } from '../domain/auth/password.service.ts';
import { RegistrationService } from '../domain/auth/registration.service.ts';
import { SessionService } from '../domain/auth/session.service.ts';
import { SshKeyService } from '../domain/auth/ssh-key.service.ts';
import { TokenService } from '../domain/auth/token.service.ts';
import type { Deps } from '../domain/deps.ts';
import { PullRequestService } from '../domain/discussion/pull-request.service.ts';
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
import { UploadProgressService } from '../domain/lfs/upload-progress.service.ts';
import { LfsSshService } from '../domain/lfs/lfs-ssh.service.ts';
import { LfsTransferService } from '../domain/lfs/lfs-transfer.service.ts';
import { LfsService } from '../domain/lfs/lfs.service.ts';
import { QuotaService } from '../domain/quota/quota.service.ts';
import { CardService } from '../domain/repo/card.service.ts';
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

/**
 * The one place where services meet: those of one request or job, each made when it is first asked for, because a request needs
 * a few of them. The getters declare no types, so a cycle does not compile.
 */
export class Services {
  readonly #deps: Deps;

  static {
    keepGetters(Services.prototype);
  }

  constructor(deps: Deps) {
    this.#deps = deps;
  }

  get health() {
    return new HealthService(this.#deps);
  }

  get fsck() {
    return new FsckService(this.#deps);
  }

  get gc() {
    return new GcService(this.#deps);
  }

  get accounts() {
    return new AccountService(this.#deps);
  }

  get avatars() {
    return new AvatarService(this.#deps);
  }

  get passwords() {
    return new PasswordService(this.#deps);
  }

  get profiles() {
    return new ProfileService(this.#deps);
  }

  get emailChanges() {
    return new EmailChangeService(this.#deps);
  }

  get passwordResets() {
    return new PasswordResetService(this.#deps);
  }

  get accountDeletions() {
    return new AccountDeletionService(this.#deps, { profiles: this.profiles, passwords: this.passwords });
  }

  get externalTokens() {
    return new ExternalTokenService(this.#deps, this.profiles);
  }

  get fallbackSources() {
    return new FallbackSourceService(this.#deps);
  }

  get auth() {
    return new AuthService(this.#deps, this.passwords);
  }

  get sessions() {
    return new SessionService(this.#deps, this.passwords);
  }

  get invitations() {
    return new InvitationService(this.#deps);
  }

  get invitationUses() {
    return new InvitationUseService(this.#deps);
  }

  get registration() {
    return new RegistrationService(this.#deps, {
      accounts: this.accounts,
      sessions: this.sessions,
      invitations: this.invitationUses,
    });
  }

  get tokens() {
    return new TokenService(this.#deps);
  }

  get sshKeys() {
    return new SshKeyService(this.#deps);
  }

  get orgs() {
    return new OrgService(this.#deps, this.accounts);
  }

  get orgInfo() {
    return new OrgInfoService(this.#deps);
  }

  get access() {
    return new RepoAccessService(this.#deps);
  }

  get gates() {
    return new GateService(this.#deps, this.access);
  }

  get quotas() {
    return new QuotaService(this.#deps, this.access);
  }

  get revisions() {
    return new RevisionService(this.#deps);
  }

  private get lfsVerifier() {
    return new LfsVerifierService(this.#deps);
  }

  get xetReads() {
    return new XetReadService(this.#deps);
  }

  get xorbReads() {
    return new XorbReadService(this.#deps);
  }

  get reconstructions() {
    return new ReconstructionService(this.#deps);
  }

  get xetAccess() {
    return new XetAccessService(this.#deps, { access: this.access, revisions: this.revisions });
  }

  get dedup() {
    return new DedupService(this.#deps);
  }

  get xetUsage() {
    return new XetUsageService(this.#deps);
  }

  get lfs() {
    return new LfsService(this.#deps, { verifier: this.lfsVerifier, xetReads: this.xetReads });
  }

  get xorbUploads() {
    return new XorbUploadService(this.#deps, { access: this.xetAccess });
  }

  get shardUploads() {
    return new ShardUploadService(this.#deps, { access: this.xetAccess, lfs: this.lfs });
  }

  get lfsBatch() {
    return new LfsBatchService(this.#deps, {
      access: this.access,
      grants: new LfsGrantsService(this.#deps, this.xetAccess),
      lfs: this.lfs,
    });
  }

  get lfsDuplicates() {
    return new LfsDuplicateService(this.#deps, { access: this.access, lfs: this.lfs });
  }

  get lfsLocks() {
    return new LfsLockService(this.#deps, this.access);
  }

  get lfsUploads() {
    return new LfsUploadsService(this.#deps, { access: this.access, verifier: this.lfsVerifier });
  }

  get lfsSsh() {
    return new LfsSshService(this.#deps, this.access);
  }

  get lfsTransfers() {
    return new LfsTransferService(this.#deps, {
      ssh: this.lfsSsh,
      batches: this.lfsBatch,
      uploads: this.lfsUploads,
      lfs: this.lfs,
    });
  }

  get storage() {
    return new StorageService(this.#deps, this.lfsUploads);
  }

  get trees() {
    return new TreeService(this.#deps);
  }

  get history() {
    return new HistoryService(this.#deps);
  }

  get blobs() {
    return new BlobService(this.#deps);
  }

  get browse() {
    return new BrowseService(this.#deps, {
      access: this.access,
      revisions: this.revisions,
      trees: this.trees,
      history: this.history,
    });
  }

  get diffs() {
    return new DiffService(this.#deps, {
      access: this.access,
      revisions: this.revisions,
      history: this.history,
      blobs: this.blobs,
    });
  }

  get preuploads() {
    return new PreuploadService(this.#deps, {
      access: this.access,
      revisions: this.revisions,
      trees: this.trees,
      blobs: this.blobs,
    });
  }

  get resolve() {
    return new ResolveService(this.#deps, {
      access: this.access,
      revisions: this.revisions,
      trees: this.trees,
      blobs: this.blobs,
      lfs: this.lfs,
    });
  }

  get repos() {
    return new RepoService(this.#deps, this.access);
  }

  get repoInfo() {
    return new RepoInfoService(this.#deps, {
      access: this.access,
      revisions: this.revisions,
      trees: this.trees,
    });
  }

  get repoLists() {
    return new RepoListService(this.#deps);
  }

  get activity() {
    return new ActivityService(this.#deps, { access: this.access, uploads: this.uploadProgress });
  }

  get uploadProgress() {
    return new UploadProgressService(this.#deps, this.access);
  }

  get likes() {
    return new LikeService(this.#deps, this.access);
  }

  get stats() {
    return new StatsService(this.#deps, this.access);
  }

  get cards() {
    return new CardService(this.#deps);
  }

  get repoIndex() {
    return new RepoIndexService(this.#deps, { trees: this.trees, blobs: this.blobs, lfs: this.lfs });
  }

  get commits() {
    return new CommitService(this.#deps, {
      access: this.access,
      revisions: this.revisions,
      trees: this.trees,
      lfs: this.lfs,
      repoIndex: this.repoIndex,
    });
  }

  get branches() {
    return new BranchService(this.#deps, {
      access: this.access,
      revisions: this.revisions,
      commits: this.commits,
      repoIndex: this.repoIndex,
    });
  }

  get pullRequests() {
    return new PullRequestService(this.#deps, { access: this.access, diffs: this.diffs });
  }

  get refs() {
    return new RefService(this.#deps, { access: this.access, revisions: this.revisions });
  }

  get gitReads() {
    return new GitReadService(this.#deps, this.access);
  }

  get gitPushes() {
    return new GitPushService(this.#deps, { access: this.access, lfs: this.lfs, repoIndex: this.repoIndex });
  }

  get gitSessions() {
    return new GitSessionService(this.#deps, this.gitReads);
  }

  get names() {
    return new NameCheckService(this.#deps, this.access);
  }

  get adminUsers() {
    return new AdminUserService(this.#deps, { accounts: this.accounts, deletions: this.accountDeletions });
  }

  get adminLogins() {
    return new AdminLoginService(this.#deps);
  }

  get adminOrgs() {
    return new AdminOrgService(this.#deps);
  }

  get adminRepos() {
    return new AdminRepoService(this.#deps, this.repos);
  }

  get adminInvitations() {
    return new AdminInvitationService(this.#deps);
  }

  get adminHealth() {
    return new AdminHealthService(this.#deps);
  }

  get storageOverview() {
    return new StorageOverviewService(this.#deps);
  }

  get audit() {
    return new AuditService(this.#deps);
  }
}
