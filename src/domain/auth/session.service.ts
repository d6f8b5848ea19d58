import { type Actor, requireUser, requireWriter } from '../actor.ts';
import type { Deps } from '../deps.ts';
import { BadRequest, Forbidden, InvalidCredentials, NotFound } from '../errors.ts';
import { Service } from '../service.ts';
import type { Client } from './client-address.ts';
import type { PasswordService } from './password.service.ts';
import { hashSecret, newSecret } from './secrets.ts';
import { Session } from './session.entity.ts';

/** A browser login that was just made; the secret is the cookie's value and is known only now. */
export interface NewSession {
  readonly username: string;
  readonly secret: string;
  readonly expiresAt: Date;
}

/** A login as its user sees it. */
export interface SessionInfo {
  readonly id: number;
  readonly userAgent: string | null;
  readonly createdAt: Date;
  readonly expiresAt: Date;
  /** The one that this request was made with. */
  readonly isCurrent: boolean;
}

const MAX_USER_AGENT_CHARS = 400;

/** Logins of browsers. */
export class SessionService extends Service {
  readonly #passwords: PasswordService;

  constructor(deps: Deps, passwords: PasswordService) {
    super(deps);
    this.#passwords = passwords;
  }

  /**
   * @throws {InvalidCredentials} the same for a wrong password and an unknown name.
   * @throws {Forbidden} the password is right, but the account is suspended or its address is not verified.
   * @throws {TooManyRequests}
   */
  async login(input: { username: string; password: string }, client: Client): Promise<NewSession> {
    const account = await this.#passwords.check({ ...input, address: client.address });
    if (!account) throw new InvalidCredentials('Invalid username or password');
    if (!account.isActive) throw new Forbidden('Account is disabled');
    if (this.deps.config.auth.requireEmailVerification && !account.emailVerifiedAt) {
      throw new Forbidden('Please verify your email first');
    }
    return this.start(account, client);
  }

  /** Starts a session for a user who has proven who he is. */
  async start(user: { id: number; name: string }, client: Client): Promise<NewSession> {
    const { em, config } = this.deps;
    const now = new Date();
    const secret = newSecret();
    const expiresAt = new Date(now.getTime() + config.auth.sessionTtlMs);
    await em.nativeDelete(Session, { user: user.id, expiresAt: { $lte: now } });
    await em.insert(Session, {
      secretHash: hashSecret(secret),
      user: user.id,
      userAgent: client.userAgent?.slice(0, MAX_USER_AGENT_CHARS) ?? null,
      expiresAt,
    });
    return { username: user.name, secret, expiresAt };
  }

  /** The caller's logins that still work, newest first. @throws {Unauthenticated} */
  async list(actor: Actor): Promise<SessionInfo[]> {
    const { id, credential } = requireUser(actor);
    const sessions = await this.deps.em.find(
      Session,
      { user: id, expiresAt: { $gt: new Date() } },
      { orderBy: { id: 'desc' } },
    );
    const currentId = credential.kind === 'session' ? credential.sessionId : null;
    return sessions.map(({ id: sessionId, userAgent, createdAt, expiresAt }) => ({
      id: sessionId,
      userAgent: userAgent ?? null,
      createdAt,
      expiresAt,
      isCurrent: sessionId === currentId,
    }));
  }

  /** Ends one of the caller's logins, at once and on every node. @throws {NotFound} also for those of others. */
  async end(actor: Actor, sessionId: number): Promise<void> {
    const user = requireWriter(actor);
    const ended = await this.deps.em.nativeDelete(Session, { id: sessionId, user: user.id });
    if (ended === 0) throw new NotFound('You have no such session.');
  }

  /** Ends all of the caller's logins but the one he uses now. @returns how many. */
  async endOthers(actor: Actor): Promise<number> {
    const { id, credential } = requireWriter(actor);
    const currentId = credential.kind === 'session' ? credential.sessionId : 0;
    return this.deps.em.nativeDelete(Session, { user: id, id: { $ne: currentId } });
  }

  /** Ends the caller's session. @returns its id. @throws {BadRequest} when he came with a token or a password. */
  async logout(actor: Actor): Promise<number> {
    const { credential } = requireUser(actor);
    if (credential.kind !== 'session') {
      throw new BadRequest('There is no session to end: this request was made with a token or a password.');
    }
    await this.deps.em.nativeDelete(Session, { id: credential.sessionId });
    return credential.sessionId;
  }
}
