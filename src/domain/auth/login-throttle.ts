import type { Pool } from 'pg';
import { RateLimiterPostgres, RateLimiterRes } from 'rate-limiter-flexible';
import { TooManyRequests } from '../errors.ts';
import { normalizeName } from '../names.ts';
import { addressKey } from './client-address.ts';
import { hashSecret } from './secrets.ts';

const QUARTER_SECONDS = 15 * 60;
const HOUR_SECONDS = 60 * 60;

/** Attempts in a window. An account's limit holds whatever the address, so that many machines cannot share a guess. */
const LIMITS = {
  passwordByAccount: { points: 10, duration: QUARTER_SECONDS },
  passwordByAddress: { points: 60, duration: QUARTER_SECONDS },
  registerByAddress: { points: 30, duration: HOUR_SECONDS },
  mailByAddress: { points: 20, duration: HOUR_SECONDS },
  mailByRecipient: { points: 5, duration: HOUR_SECONDS },
  invitationByUser: { points: 100, duration: HOUR_SECONDS },
} as const;

type LimitName = keyof typeof LIMITS;

/**
 * Counts attempts in the table `login_throttle`, so that all nodes count together. An attempt is counted before it is
 * judged: parallel guesses cannot slip through. API tokens and sessions are never counted and never locked out.
 */
export class LoginThrottle {
  readonly #limiters: Readonly<Record<LimitName, RateLimiterPostgres>>;

  constructor(pool: Pool) {
    const open = (name: LimitName): RateLimiterPostgres =>
      new RateLimiterPostgres({
        storeClient: pool,
        storeType: 'pool',
        tableName: 'login_throttle',
        tableCreated: true,
        // One of them sweeps the rows of all.
        clearExpiredByTimeout: name === 'passwordByAccount',
        keyPrefix: name,
        ...LIMITS[name],
      });
    this.#limiters = {
      passwordByAccount: open('passwordByAccount'),
      passwordByAddress: open('passwordByAddress'),
      registerByAddress: open('registerByAddress'),
      mailByAddress: open('mailByAddress'),
      mailByRecipient: open('mailByRecipient'),
      invitationByUser: open('invitationByUser'),
    };
  }

  /** Counts one try of a password. @throws {TooManyRequests} */
  async takePassword(username: string, address: string | undefined): Promise<void> {
    await this.take('passwordByAddress', addressKey(address));
    await this.take('passwordByAccount', accountKey(username));
  }

  /** The password was right: forgets the account's wrong ones, and this try of the address. */
  async forgivePassword(username: string, address: string | undefined): Promise<void> {
    await Promise.all([
      this.#limiters.passwordByAccount.delete(accountKey(username)),
      this.#limiters.passwordByAddress.reward(addressKey(address)),
    ]);
  }

  /** Counts one registration. @throws {TooManyRequests} */
  takeRegistration(address: string | undefined): Promise<void> {
    return this.take('registerByAddress', addressKey(address));
  }

  /** Counts one mail that an anonymous caller causes. @throws {TooManyRequests} */
  async takeMail(recipient: string, address: string | undefined): Promise<void> {
    await this.take('mailByAddress', addressKey(address));
    await this.takeMailTo(recipient);
  }

  /** Counts one invitation, and the mail when it is for one address. @throws {TooManyRequests} */
  async takeInvitation(userId: number, recipient: string | null): Promise<void> {
    await this.take('invitationByUser', String(userId));
    if (recipient !== null) await this.takeMailTo(recipient);
  }

  private takeMailTo(recipient: string): Promise<void> {
    return this.take('mailByRecipient', hashSecret(recipient).toString('hex'));
  }

  private async take(name: LimitName, key: string): Promise<void> {
    try {
      await this.#limiters[name].consume(key);
    } catch (refusal) {
      if (!(refusal instanceof RateLimiterRes)) throw refusal;
      const retryAfterSeconds = Math.max(1, Math.ceil(refusal.msBeforeNext / 1000));
      throw new TooManyRequests(`Too many attempts. Try again in ${retryAfterSeconds} seconds.`, {
        retryAfterSeconds,
      });
    }
  }
}

/** Hashed, because people type passwords into the field for the name. */
function accountKey(username: string): string {
  return hashSecret(normalizeName(username)).toString('hex');
}
