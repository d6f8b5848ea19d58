import { Account } from '../account/account.entity.ts';
import { parseNewAccountName } from '../account/account-name.ts';
import type { AccountService, NewAccount } from '../account/account.service.ts';
import { type Email, parseEmail } from '../account/email.ts';
import type { Actor } from '../actor.ts';
import type { Deps } from '../deps.ts';
import { Conflict, Forbidden } from '../errors.ts';
import type { InvitationUseService } from '../invitation/invitation-use.service.ts';
import { Service } from '../service.ts';
import type { Client } from './client-address.ts';
import type { MailMessage } from './mailer.ts';
import { newOneTimeLink, takeOneTimeLink } from './one-time-link.ts';
import { parseNewPassword } from './password.ts';
import type { NewSession, SessionService } from './session.service.ts';
import { alreadyRegisteredMail, verificationMail } from './verification-mail.ts';

export interface Registration {
  readonly username: string;
  readonly email: string;
  readonly password: string;
  /** The secret of an invitation's link. */
  readonly invitationToken?: string | undefined;
}

/** A followed link: whose address it proved, and a session unless the caller had one or may not have one. */
export interface VerifiedEmail {
  readonly username: string;
  readonly session: NewSession | null;
}

export interface RegistrationParts {
  readonly accounts: AccountService;
  readonly sessions: SessionService;
  readonly invitations: InvitationUseService;
}

const VERIFICATION_TTL_MS = 24 * 60 * 60 * 1000;
const PURPOSE = 'verify-email';

/** How people get an account by themselves, and prove that they own its address. */
export class RegistrationService extends Service {
  readonly #accounts: AccountService;
  readonly #sessions: SessionService;
  readonly #invitations: InvitationUseService;

  constructor(deps: Deps, { accounts, sessions, invitations }: RegistrationParts) {
    super(deps);
    this.#accounts = accounts;
    this.#sessions = sessions;
    this.#invitations = invitations;
  }

  /**
   * Makes an account. When addresses must be verified, a mail is sent, and an address that has an account already gets
   * the same answer: only its owner learns of it. The link of an invitation for one address verifies that address.
   * @returns whether the account can be used at once, and whether its address is verified.
   * @throws {Forbidden} this hub is for invited people. @throws {BadRequest} also for an invitation that does not work.
   * @throws {Conflict} @throws {TooManyRequests}
   */
  async register(input: Registration, client: Client): Promise<{ isUsable: boolean; isVerified: boolean }> {
    const { invitationOnly, requireEmailVerification } = this.deps.config.auth;
    const { invitationToken: token } = input;
    if (invitationOnly && token === undefined) throw new Forbidden('Registration is by invitation only.');
    const name = parseNewAccountName(input.username, 'username');
    const email = parseEmail(input.email);
    const password = parseNewPassword(input.password);
    await this.deps.auth.throttle.takeRegistration(client.address);
    const isVerified =
      token !== undefined && (await this.#invitations.checkRegistration(token, email)).provesAddress;
    const passwordHash = await this.deps.auth.passwords.hash(password);
    const account = { name, email, emailVerifiedAt: isVerified ? new Date() : null, passwordHash };
    if (isVerified || !requireEmailVerification) {
      await this.insert(account, token);
      return { isUsable: true, isVerified };
    }
    try {
      const mail = await this.atomically(async () => this.newLink(await this.insert(account, token), email));
      this.deps.auth.mail.post(mail);
    } catch (error) {
      if (!(error instanceof Conflict) || error.details['field'] !== 'email') throw error;
      await this.mailOwner(email);
    }
    return { isUsable: false, isVerified };
  }

  /**
   * Takes the secret of a mailed link. It works once, for 24 hours, and only for the address it was sent to.
   * @returns null when it does not work.
   */
  async verifyEmail(actor: Actor, secret: string, client: Client): Promise<VerifiedEmail | null> {
    const user = await this.atomically(() => this.takeLink(secret));
    if (!user) return null;
    // Whoever is logged in stays who he is: a link in a mail must not log people in as somebody else.
    const session =
      actor.kind === 'anonymous' && user.isActive ? await this.#sessions.start(user, client) : null;
    return { username: user.name, session };
  }

  /**
   * Sends a new link to an address that waits for verification; older links stop working. Says nothing about others.
   * @throws {BadRequest} @throws {TooManyRequests}
   */
  async resendVerification(input: { email: string }, client: Client): Promise<void> {
    const email = parseEmail(input.email);
    await this.deps.auth.throttle.takeMail(email, client.address);
    const mail = await this.atomically(async () => {
      const user = await this.deps.em.findOne(Account, {
        normalizedEmail: email,
        emailVerifiedAt: null,
        isActive: true,
      });
      if (!user) return null;
      return this.newLink(user, email);
    });
    if (mail) this.deps.auth.mail.post(mail);
  }

  /** Stores the account and uses the invitation, if there is one. */
  private async insert(
    account: Omit<NewAccount, 'kind' | 'isAdmin' | 'email'> & { readonly email: Email },
    invitationToken: string | undefined,
  ): Promise<{ id: number; name: string }> {
    const insert = () => this.#accounts.insert({ ...account, kind: 'user', isAdmin: false });
    const { name, email } = account;
    const id =
      invitationToken === undefined
        ? await insert()
        : await this.#invitations.useForRegistration(invitationToken, email, insert);
    return { id, name };
  }

  /** Stores a new secret and writes the mail that carries it, to be sent after the transaction. */
  private async newLink(user: { id: number; name: string }, email: Email): Promise<MailMessage> {
    const { baseUrl, siteName } = this.deps.config;
    const secret = await newOneTimeLink(this.deps.em, {
      purpose: PURPOSE,
      userId: user.id,
      email,
      ttlMs: VERIFICATION_TTL_MS,
    });
    const link = `${baseUrl}/api/auth/verify-email?token=${secret}`;
    return verificationMail({ siteName, to: email, username: user.name, link });
  }

  private async mailOwner(email: Email): Promise<void> {
    const owner = await this.deps.em.findOne(Account, { normalizedEmail: email });
    if (!owner) return;
    const { siteName } = this.deps.config;
    this.deps.auth.mail.post(alreadyRegisteredMail({ siteName, to: email, username: owner.name }));
  }

  private async takeLink(secret: string): Promise<{ id: number; name: string; isActive: boolean } | null> {
    const link = await takeOneTimeLink(this.deps.em, PURPOSE, secret);
    if (!link) return null;
    const { userId: id, username: name, isActive, email } = link;
    const verified = await this.deps.em.nativeUpdate(
      Account,
      { id, normalizedEmail: email },
      { emailVerifiedAt: new Date() },
    );
    return verified === 1 ? { id, name, isActive } : null;
  }
}
