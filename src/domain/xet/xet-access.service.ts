import { type Actor, requireWriter } from '../actor.ts';
import { readIsActive } from '../account/account.queries.ts';
import type { Deps } from '../deps.ts';
import { Forbidden, GatedRepo, InvalidCredentials, NotFound, RepoNotFound } from '../errors.ts';
import type { RepoAccess } from '../repo/repo-access.ts';
import type { RepoAccessService } from '../repo/repo-access.service.ts';
import type { RepoRef } from '../repo/repo-ref.ts';
import { allows, mayReadFiles } from '../repo/repo.policy.ts';
import { findRepoOf } from '../repo/repo.queries.ts';
import { Service } from '../service.ts';
import { downloadClient } from '../stats/download-client.ts';
import type { RevisionService } from '../version/revision.service.ts';
import type { XetClaim, XetScope } from './xet-tokens.ts';

/** `xet-core` asks for a new token half a minute before this one ends. */
const TOKEN_TTL_MS = 15 * 60_000;
/** What clients send when they name no revision. */
export const NO_REVISION = 'None';

/** A token for the content-addressed store and where that is. */
export interface XetGrant {
  readonly accessToken: string;
  readonly expiresAt: Date;
  readonly casUrl: string;
}

export interface XetTokenRequest {
  readonly scope: XetScope;
  readonly revision: string;
  /** The upload is meant for a pull request, which everybody may open who reads the repository. */
  readonly createsPullRequest: boolean;
}

/** A request to the content-addressed store, after its token was checked. */
export interface XetSession {
  readonly access: RepoAccess;
  /** Null for a token that was given to an anonymous reader. */
  readonly userId: number | null;
  /** May write to the repository, not only propose changes. */
  readonly isWriter: boolean;
  /** As the token has it: see `XetClaim`. */
  readonly clientKey?: string | undefined;
}

/** An upload always has somebody behind it. */
export interface XetUploadSession extends XetSession {
  readonly userId: number;
}

/** Who may talk to the content-addressed store: hands out its tokens and checks them. */
export class XetAccessService extends Service {
  readonly #access: RepoAccessService;
  readonly #revisions: RevisionService;

  constructor(
    deps: Deps,
    parts: { readonly access: RepoAccessService; readonly revisions: RevisionService },
  ) {
    super(deps);
    this.#access = parts.access;
    this.#revisions = parts.revisions;
  }

  /**
   * A token that reads the files of a repository or uploads to it. Permissions are checked again whenever it is used.
   * @throws the errors of `RepoAccessService`. @throws {RevisionNotFound}
   */
  async grant(actor: Actor, ref: RepoRef, request: XetTokenRequest): Promise<XetGrant> {
    const access = await this.permit(actor, ref, request);
    if (request.revision !== NO_REVISION) await this.#revisions.resolve(access, request.revision);
    const { userId, key } = downloadClient(actor, undefined);
    return this.grantFor(access, { userId, clientKey: userId === null ? undefined : key, ...request });
  }

  /** A token for a caller whose permission was checked. */
  grantFor(access: RepoAccess, claim: Omit<XetClaim, 'repoId' | 'expiresAt'>): XetGrant {
    const { userId, revision, scope, clientKey } = claim;
    const expiresAt = Math.floor((Date.now() + TOKEN_TTL_MS) / 1000) * 1000;
    return {
      accessToken: this.deps.xet.tokens.sign({
        userId,
        repoId: access.id,
        revision,
        scope,
        clientKey,
        expiresAt,
      }),
      expiresAt: new Date(expiresAt),
      casUrl: this.deps.xet.urls.casUrl,
    };
  }

  /**
   * The caller of a request that reads.
   * @param instanceId from the address: another hub's clients must not take this one for theirs.
   * @throws {InvalidCredentials} @throws {RepoNotFound} @throws {GatedRepo} @throws {NotFound} another instance.
   */
  async openRead(token: string, instanceId: string): Promise<XetSession> {
    const { claim, session } = await this.open(token, instanceId);
    return { ...session, isWriter: session.isWriter && claim.scope === 'write' };
  }

  /** The caller of a request that uploads. @throws all that `openRead` throws. @throws {Forbidden} the token only reads. */
  async openWrite(token: string, instanceId: string): Promise<XetUploadSession> {
    const { claim, session } = await this.open(token, instanceId);
    const { userId } = session;
    if (claim.scope !== 'write' || userId === null)
      throw new Forbidden('This Xet token only reads. Ask for a write token.');
    return { ...session, userId };
  }

  private async permit(actor: Actor, ref: RepoRef, request: XetTokenRequest): Promise<RepoAccess> {
    if (request.scope === 'read') return this.#access.requireFiles(actor, ref);
    const isProposal = request.createsPullRequest || request.revision.startsWith('refs/pr/');
    if (!isProposal) return this.#access.require(actor, ref, 'write');
    requireWriter(actor);
    return this.#access.requireFiles(actor, ref);
  }

  private async open(token: string, instanceId: string) {
    if (instanceId !== this.deps.xet.instanceId)
      throw new NotFound('This address belongs to other data of this hub. Ask the hub for a new Xet token.');
    const claim = this.deps.xet.tokens.read(token);
    const { repoId, userId, clientKey } = claim;
    if (userId !== null && !(await readIsActive(this.deps.sql, userId))) throw new InvalidCredentials();
    const access = await findRepoOf(this.deps.sql, { repoId, userId });
    if (!access || !allows(access.role, access.isPrivate, 'read')) throw new RepoNotFound();
    if (!mayReadFiles(access.role, access.gated)) throw new GatedRepo(access.type, access.fullName);
    const isWriter = userId !== null && allows(access.role, access.isPrivate, 'write');
    return { claim, session: { access, userId, isWriter, clientKey } };
  }
}
