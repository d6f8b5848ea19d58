import { Account } from './account/account.entity.ts';
import { Avatar } from './account/avatar.entity.ts';
import { FormerName } from './account/former-name.entity.ts';
import { AuditEntry } from './admin/audit-entry.entity.ts';
import { AccessToken } from './auth/access-token.entity.ts';
import { LoginThrottle } from './auth/login-throttle.entity.ts';
import { OneTimeToken } from './auth/one-time-token.entity.ts';
import { Session } from './auth/session.entity.ts';
import { SshKey } from './auth/ssh-key.entity.ts';
import { DiscussionEvent } from './discussion/discussion-event.entity.ts';
import { Discussion } from './discussion/discussion.entity.ts';
import { ExternalToken } from './fallback/external-token.entity.ts';
import { FallbackSource } from './fallback/fallback-source.entity.ts';
import { AccessRequest } from './gate/access-request.entity.ts';
import { Invitation } from './invitation/invitation.entity.ts';
import { LfsCopy } from './lfs/lfs-copy.entity.ts';
import { LfsHistory } from './lfs/lfs-history.entity.ts';
import { LfsLink } from './lfs/lfs-link.entity.ts';
import { LfsLock } from './lfs/lfs-lock.entity.ts';
import { LfsObject } from './lfs/lfs-object.entity.ts';
import { LfsOffer } from './lfs/lfs-offer.entity.ts';
import { LfsPruned } from './lfs/lfs-pruned.entity.ts';
import { LfsUpload } from './lfs/lfs-upload.entity.ts';
import { HubInstance } from './ops/hub-instance.entity.ts';
import { Membership } from './org/membership.entity.ts';
import { RepoRedirect } from './repo/repo-redirect.entity.ts';
import { Repo } from './repo/repo.entity.ts';
import { RepoLike } from './social/repo-like.entity.ts';
import { DailyRepoStats } from './stats/daily-repo-stats.entity.ts';
import { DownloadSession } from './stats/download-session.entity.ts';
import { GitCollection } from './gc/git-collection.entity.ts';
import { GitCommit } from './version/git-commit.entity.ts';
import { GitObject } from './version/git-object.entity.ts';
import { GitRef } from './version/git-ref.entity.ts';
import { GitReflog } from './version/git-reflog.entity.ts';
import { GitSegment } from './version/git-segment.entity.ts';
import { GitStore } from './version/git-store.entity.ts';
import { Outbox } from './version/outbox.entity.ts';
import { PathChange } from './version/path-change.entity.ts';
import { StorageIntent } from './version/storage-intent.entity.ts';
import { WriteSession } from './version/write-session.entity.ts';
import { XetChunk } from './xet/xet-chunk.entity.ts';
import { XetFileXorb } from './xet/xet-file-xorb.entity.ts';
import { XetFile } from './xet/xet-file.entity.ts';
import { XetPossession } from './xet/xet-possession.entity.ts';
import { XetRepoXorb } from './xet/xet-repo-xorb.entity.ts';
import { XetXorb } from './xet/xet-xorb.entity.ts';

/** Every table of the hub. `docs/data-model.md` maps them to the specification's schema. */
export const entities = [
  Account,
  FormerName,
  Avatar,
  Membership,
  Session,
  AccessToken,
  OneTimeToken,
  SshKey,
  LoginThrottle,
  Repo,
  RepoRedirect,
  RepoLike,
  AccessRequest,
  DownloadSession,
  DailyRepoStats,
  Discussion,
  DiscussionEvent,
  Invitation,
  ExternalToken,
  FallbackSource,
  GitStore,
  GitSegment,
  GitObject,
  GitCommit,
  GitRef,
  GitReflog,
  PathChange,
  WriteSession,
  GitCollection,
  StorageIntent,
  Outbox,
  LfsObject,
  LfsCopy,
  LfsLink,
  LfsHistory,
  LfsUpload,
  LfsOffer,
  LfsPruned,
  LfsLock,
  XetXorb,
  XetFile,
  XetFileXorb,
  XetRepoXorb,
  XetPossession,
  XetChunk,
  AuditEntry,
  HubInstance,
];
