import { Account } from '../account/account.entity.ts';
import { parseEmail } from '../account/email.ts';
import { BadRequest } from '../errors.ts';
import { Service } from '../service.ts';
import { passwordResetMail, passwordSetMail } from './account-mails.ts';
import type { Client } from './client-address.ts';
import { isOneTimeLink, newOneTimeLink, takeOneTimeLink } from './one-time-link.ts';
import { parseNewPassword } from './password.ts';
import { Session } from './session.entity.ts';

const PURPOSE = 'reset-password';
const TTL_MS = 60 * 60 * 1000;

/** How people who forgot their password set a new one: by a code that is mailed to their address. */
export class PasswordResetService extends Service {
  /**
   * Mails a code to the account of an address. Says nothing about others, and takes as long for them.
   * @throws {BadRequest} @throws {TooManyRequests}
   */
  async request(input: { readonly email: string }, client: Client): Promise<void> {
    const email = parseEmail(input.email);
    await this.deps.auth.throttle.takeMail(email, client.address);
    const { siteName, baseUrl } = this.deps.config;
    const mail = await this.atomically(async () => {
      const user = await this.deps.em.findOne(Account, {
        normalizedEmail: email,
        kind: 'user',
        isActive: true,
      });
      if (!user) return null;
      const { id: userId, name: username } = user;
      const secret = await newOneTimeLink(this.deps.em, { purpose: PURPOSE, userId, email, ttlMs: TTL_MS });
      return passwordResetMail({ siteName, baseUrl, to: email, username, secret });
    });
    if (mail) this.deps.auth.mail.post(mail);
  }

  /**
   * Sets a new password with a mailed code, which works once. All sessions end; API tokens stay. The code also proves the address.
   * @throws {BadRequest} the code does not work, or the password breaks the rule. @throws {TooManyRequests}
   */
  async reset(input: { readonly secret: string; readonly newPassword: string }): Promise<void> {
    const password = parseNewPassword(input.newPassword);
    // Hashing a password is work that a wrong code is not worth.
    if (!(await isOneTimeLink(this.deps.em, PURPOSE, input.secret))) throw wrongCode();
    const passwordHash = await this.deps.auth.passwords.hash(password);
    const user = await this.atomically(async () => this.take(input.secret, passwordHash));
    if (!user) throw wrongCode();
    const { siteName } = this.deps.config;
    this.deps.auth.mail.post(passwordSetMail({ siteName, to: user.email, username: user.name }));
  }

  private async take(secret: string, passwordHash: string): Promise<{ name: string; email: string } | null> {
    const { em } = this.deps;
    const link = await takeOneTimeLink(em, PURPOSE, secret);
    if (!link?.isActive) return null;
    // An address that was changed since is not his any more.
    const updated = await em.nativeUpdate(
      Account,
      { id: link.userId, normalizedEmail: link.email },
      { passwordHash, emailVerifiedAt: new Date() },
    );
    if (updated === 0) return null;
    await em.nativeDelete(Session, { user: link.userId });
    return { name: link.username, email: link.email };
  }
}

function wrongCode(): BadRequest {
  return new BadRequest('token: this code is wrong, used or too old. Ask for a new one.');
}
