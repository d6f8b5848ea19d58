import { Account } from '../account/account.entity.ts';
import { findPasswordAccount, type PasswordAccount } from '../account/account.queries.ts';
import { type Actor, requireWriter } from '../actor.ts';
import { Forbidden } from '../errors.ts';
import { Service } from '../service.ts';
import { parseNewPassword } from './password.ts';
import { Session } from './session.entity.ts';

export interface PasswordAttempt {
  readonly username: string;
  readonly password: string;
  /** Where it came from; attempts are counted by it. */
  readonly address: string | undefined;
}

export interface PasswordChange {
  readonly currentPassword: string;
  readonly newPassword: string;
  readonly address: string | undefined;
}

/** Checks and changes passwords. Every check is counted, whatever door it came through. */
export class PasswordService extends Service {
  /**
   * The account, if the password is its own; it may be suspended or unverified. Takes as long for unknown names.
   * @throws {TooManyRequests} after too many wrong passwords for the account or from the address.
   */
  async check({ username, password, address }: PasswordAttempt): Promise<PasswordAccount | null> {
    const { throttle, passwords } = this.deps.auth;
    await throttle.takePassword(username, address);
    const account = isStorable(username) ? await findPasswordAccount(this.deps.sql, username) : null;
    const fits = await passwords.verify(account?.passwordHash ?? null, password);
    if (!account || !fits) return null;
    await throttle.forgivePassword(username, address);
    return account;
  }

  /**
   * Replaces the caller's password and ends his other sessions. API tokens stay.
   * @throws {Forbidden} the current password is wrong. @throws {BadRequest} the new one breaks the rule.
   */
  async change(actor: Actor, { currentPassword, newPassword, address }: PasswordChange): Promise<void> {
    const user = requireWriter(actor);
    const next = parseNewPassword(newPassword);
    const account = await this.check({ username: user.name, password: currentPassword, address });
    if (!account) throw new Forbidden('The current password is wrong.');
    const passwordHash = await this.deps.auth.passwords.hash(next);
    const keptSessionId = user.credential.kind === 'session' ? user.credential.sessionId : 0;
    await this.atomically(async () => {
      await this.deps.em.nativeUpdate(Account, { id: user.id }, { passwordHash });
      await this.deps.em.nativeDelete(Session, { user: user.id, id: { $ne: keptSessionId } });
    });
  }
}

/** PostgreSQL has no text with a NUL in it, so no account has such a name. */
function isStorable(name: string): boolean {
  return !name.includes('\0');
}
