import { type Actor, requireUser } from '../actor.ts';
import type { Deps } from '../deps.ts';
import { BadRequest, Forbidden, InvalidCredentials } from '../errors.ts';
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

  /** Ends the caller's session. @throws {BadRequest} when he came with a token or a password. */
  async logout(actor: Actor): Promise<void> {
    const { credential } = requireUser(actor);
    if (credential.kind !== 'session') {
      throw new BadRequest('There is no session to end: this request was made with a token or a password.');
    }
    await this.deps.em.nativeDelete(Session, { id: credential.sessionId });
  }
}
