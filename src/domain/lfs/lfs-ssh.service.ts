import { type Actor, requireUser } from '../actor.ts';
import type { Deps } from '../deps.ts';
import { hasOpenPullRequest } from '../git/push-import.queries.ts';
import type { RepoAccess } from '../repo/repo-access.ts';
import type { RepoAccessService } from '../repo/repo-access.service.ts';
import { repoUrl, type RepoRef } from '../repo/repo-ref.ts';
import { Service } from '../service.ts';
import { lfsAuthorization, type LfsOperation } from './lfs-credentials.ts';

/** Where git-lfs finds the LFS API of a repository, and what it must send there. */
export interface LfsEndpoint {
  readonly href: string;
  /** Value of the `Authorization` header. */
  readonly authorization: string;
  readonly expiresAt: Date;
}

/** git-lfs asks for another one when it is over. */
const TTL_MS = 30 * 60_000;

/** Git LFS of users who came by SSH. */
export class LfsSshService extends Service {
  readonly #access: RepoAccessService;

  constructor(deps: Deps, access: RepoAccessService) {
    super(deps);
    this.#access = access;
  }

  /**
   * The answer to `git-lfs-authenticate`: a credential for this repository and operation.
   * @throws the errors of `RepoAccessService`.
   */
  async authenticate(actor: Actor, ref: RepoRef, operation: LfsOperation): Promise<LfsEndpoint> {
    const user = requireUser(actor);
    const access = await this.permit(user, ref, operation);
    if (user.credential.kind !== 'ssh-key') throw new Error('git-lfs-authenticate is for SSH');
    const expiresAt = new Date(Date.now() + TTL_MS);
    const authorization = lfsAuthorization(this.deps.lfs.credentials, {
      userId: user.id,
      keyId: user.credential.keyId,
      repoId: access.id,
      operation,
      expiresAt: expiresAt.getTime(),
    });
    return { href: `${repoUrl(this.deps.config.baseUrl, access)}.git/info/lfs`, authorization, expiresAt };
  }

  /**
   * Uploads as pushes: who may write, and authors of open pull requests. Each upload is judged by itself later.
   * @throws the errors of `RepoAccessService`.
   */
  async permit(actor: Actor, ref: RepoRef, operation: LfsOperation): Promise<RepoAccess> {
    const user = requireUser(actor);
    const access = await this.#access.requireFiles(user, ref);
    if (operation === 'download') return access;
    const isProposer = await hasOpenPullRequest(this.deps.sql, access.id, user.id);
    return isProposer ? access : this.#access.require(user, ref, 'write');
  }
}
