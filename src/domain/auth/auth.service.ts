import { type Actor, ANONYMOUS } from '../actor.ts';
import type { Deps } from '../deps.ts';
import { InvalidCredentials } from '../errors.ts';
import { Service } from '../service.ts';
import { parseAuthorization } from './authorization-header.ts';
import type { CredentialUser } from './credential.queries.ts';
import type { PasswordService } from './password.service.ts';
import { requireSameOrigin, type RequestOrigin } from './same-origin.ts';
import { sessionSecretOf } from './session-cookie.ts';
import { findSshKeyUserById } from './ssh-key.queries.ts';

/** The parts of a request that say who sent it; header values as they came. */
export interface IdentifyRequest extends RequestOrigin {
  readonly authorization: string | undefined;
  readonly cookie: string | undefined;
  readonly address?: string | undefined;
  /** What SSH gives to git-lfs is good for this request. */
  readonly takesLfsCredentials?: boolean | undefined;
}

/** Finds out who is calling. */
export class AuthService extends Service {
  readonly #passwords: PasswordService;

  constructor(deps: Deps, passwords: PasswordService) {
    super(deps);
    this.#passwords = passwords;
  }

  /**
   * The caller. An `Authorization` header that names a credential of the hub decides alone; otherwise the session cookie does.
   *
   * A wrong, expired or revoked token or password is refused, never taken for nobody. A cookie that is not valid any more
   * counts as nobody: browsers send it by themselves, and its owner must reach the public pages and the login.
   *
   * @throws {InvalidCredentials} also for suspended accounts.
   * @throws {Forbidden} a cookie with a change that comes from a page of another site.
   * @throws {TooManyRequests} too many wrong passwords.
   */
  async identify(request: IdentifyRequest): Promise<Actor> {
    const actor = await this.actorOf(request);
    return actor.kind === 'user' ? { ...actor, address: request.address } : actor;
  }

  private async actorOf(request: IdentifyRequest): Promise<Actor> {
    const claim = parseAuthorization(request.authorization);
    if (claim.kind === 'token') return this.byToken(claim.token);
    if (claim.kind === 'lfs' && request.takesLfsCredentials) return this.byLfsCredential(claim.token);
    if (claim.kind === 'lfs') throw new InvalidCredentials();
    if (claim.kind === 'password') return this.byPassword(claim.username, claim.password, request.address);
    return this.bySession(request);
  }

  private async byToken(token: string): Promise<Actor> {
    const found = await this.deps.auth.credentials.token(token);
    if (!found) throw new InvalidCredentials();
    const { tokenId, tokenName: name, role } = found;
    this.deps.auth.tokenUse.note(tokenId);
    return userActor(found, { kind: 'token', tokenId, name, role });
  }

  private async byLfsCredential(token: string): Promise<Actor> {
    const claim = this.deps.lfs.credentials.read(token);
    const { keyId, repoId, operation } = claim;
    const found = await findSshKeyUserById(
      this.deps.sql,
      claim,
      this.deps.config.auth.requireEmailVerification,
    );
    if (!found) throw new InvalidCredentials();
    return userActor(found, { kind: 'lfs', keyId, repoId, operation });
  }

  private async byPassword(username: string, password: string, address: string | undefined): Promise<Actor> {
    const account = await this.#passwords.check({ username, password, address });
    const isVerified = account?.emailVerifiedAt != null || !this.deps.config.auth.requireEmailVerification;
    if (!account?.isActive || !isVerified) throw new InvalidCredentials();
    const { id, name, isAdmin } = account;
    return { kind: 'user', id, name, isAdmin, credential: { kind: 'password' } };
  }

  private async bySession(request: IdentifyRequest): Promise<Actor> {
    const secret = sessionSecretOf(request.cookie);
    const found = secret && (await this.deps.auth.credentials.session(secret));
    if (!found) return ANONYMOUS;
    requireSameOrigin(request, this.deps.config.baseUrl);
    return userActor(found, { kind: 'session', sessionId: found.sessionId });
  }
}

function userActor(
  { userId, userName, isAdmin }: Omit<CredentialUser, 'hash'>,
  credential: Extract<Actor, { kind: 'user' }>['credential'],
): Actor {
  return { kind: 'user', id: userId, name: userName, isAdmin, credential };
}
