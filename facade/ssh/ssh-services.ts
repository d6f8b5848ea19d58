import type { SshKeyService } from '../../src/domain/auth/ssh-key.service.ts';
import type { GitPushService } from '../../src/domain/git/git-push.service.ts';
import type { GitSessionService } from '../../src/domain/git/git-session.service.ts';
import type { LfsLockService } from '../../src/domain/lfs/lfs-lock.service.ts';
import type { LfsSshService } from '../../src/domain/lfs/lfs-ssh.service.ts';
import type { LfsTransferService } from '../../src/domain/lfs/lfs-transfer.service.ts';

/** The services that this door calls: a set for each command. */
export interface SshServices {
  readonly sshKeys: SshKeyService;
  readonly gitSessions: GitSessionService;
  readonly gitPushes: GitPushService;
  readonly lfsSsh: LfsSshService;
  readonly lfsTransfers: LfsTransferService;
  readonly lfsLocks: LfsLockService;
}
