import { type Actor, requireWriter, type UserActor } from '../actor.ts';
import { changeEmailMail, emailChangedMail } from '../auth/account-mails.ts';
import { newOneTimeLink, takeOneTimeLink, type TakenLink } from '../auth/one-time-link.ts';
import type { MailMessage } from '../auth/mailer.ts';
import { Conflict, NotFound } from '../errors.ts';
import { orOnDuplicate, Service } from '../service.ts';
import { Account } from './account.entity.ts';
import { type Email, parseEmail } from './email.ts';

const PURPOSE = 'change-email';
const TTL_MS = 24 * 60 * 60 * 1000;

/** How users change their address. The new one must be proven by a link that is mailed to it; the old one is told. */
export class EmailChangeService extends Service {
  /**
   * Asks for another address. On a hub that verifies addresses, it counts once the link was followed, and an address of somebody
   * else gets the same answer; on others it counts at once, as one that is not verified.
   * @returns whether the address counts already. @throws {BadRequest} @throws {Conflict} @throws {TooManyRequests}
   */
  async request(
    actor: Actor,
    newEmail: string,
    clientAddress: string | undefined,
  ): Promise<{ readonly isEffective: boolean }> {
    const user = requireWriter(actor);
    const email = parseEmail(newEmail);
    const account = await this.deps.em.findOne(Account, { id: user.id });
    if (!account) throw new NotFound('This account was deleted.');
    if (account.normalizedEmail === email) return { isEffective: true };
    await this.deps.auth.throttle.takeMail(email, clientAddress);
    const isEffective = !this.deps.config.auth.requireEmailVerification;
    const mails = await this.atomically(async () => {
      if (isEffective) await this.setUnverified(user, email);
      return [
        await this.newLink(user, email),
        ...(isEffective ? this.notice(user.name, account.email, email) : []),
      ];
    });
    for (const mail of mails) this.deps.auth.mail.post(mail);
    return { isEffective };
  }

  /**
   * Takes the secret of a mailed link: from now on the account has this address. It works once, for 24 hours. Nobody is logged in by it.
   * @returns the name of the user, or null when it does not work, also because the address has become somebody else's.
   */
  async confirm(secret: string): Promise<string | null> {
    try {
      const { link, before } = await this.atomically(() => this.take(secret));
      if (!link) return null;
      for (const mail of this.notice(link.username, before, link.email)) this.deps.auth.mail.post(mail);
      return link.username;
    } catch (error) {
      if (error instanceof Conflict) return null;
      throw error;
    }
  }

  private async take(secret: string): Promise<{ link: TakenLink | null; before: string | null }> {
    const { em } = this.deps;
    const link = await takeOneTimeLink(em, PURPOSE, secret);
    if (!link) return { link: null, before: null };
    const account = await em.findOneOrFail(Account, { id: link.userId });
    const before = account.email ?? null;
    await this.set(link.userId, link.email as Email, new Date());
    return { link, before: before === link.email ? null : before };
  }

  private async setUnverified(user: UserActor, email: Email): Promise<void> {
    await this.set(user.id, email, null);
  }

  private async set(id: number, email: Email, emailVerifiedAt: Date | null): Promise<void> {
    const columns = { email, normalizedEmail: email, emailVerifiedAt };
    await orOnDuplicate(
      this.deps.em.nativeUpdate(Account, { id }, columns),
      () => new Conflict('email: another account has this address.', { field: 'email' }),
    );
  }

  private async newLink({ id: userId, name: username }: UserActor, email: Email): Promise<MailMessage> {
    const { baseUrl, siteName } = this.deps.config;
    const secret = await newOneTimeLink(this.deps.em, { purpose: PURPOSE, userId, email, ttlMs: TTL_MS });
    const link = `${baseUrl}/api/auth/change-email?token=${secret}`;
    return changeEmailMail({ siteName, to: email, username, link });
  }

  private notice(username: string, before: string | null | undefined, newEmail: string): MailMessage[] {
    const { siteName } = this.deps.config;
    return before ? [emailChangedMail({ siteName, to: before, username, newEmail })] : [];
  }
}
