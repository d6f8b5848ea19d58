import { hash, verify } from '@node-rs/argon2';
import { Unavailable } from '../errors.ts';
import { MAX_PASSWORD_CHARS, type NewPassword } from './password.ts';
import { newSecret } from './secrets.ts';

/** OWASP's recommendation for argon2id (the library's default kind): 19 MiB, two passes, one lane. */
const COST = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };
/** argon2 runs on the threads that also serve the file system: it must never take all four. */
const MAX_RUNNING = 2;
const MAX_WAITING = 100;

/** Hashes and checks passwords, a few at a time. One for the whole process. */
export class PasswordHasher {
  #running = 0;
  readonly #waiting: (() => void)[] = [];
  #decoy: Promise<string> | undefined;

  /** @throws {Unavailable} when too many passwords wait already. */
  hash(password: NewPassword): Promise<string> {
    return this.oneOfFew(() => hash(password, COST));
  }

  /**
   * Whether the password fits. With null, an account without a password or no account at all, it takes as long and fails.
   * @throws {Unavailable} when too many passwords wait already.
   */
  async verify(passwordHash: string | null, password: string): Promise<boolean> {
    const candidate = password.slice(0, MAX_PASSWORD_CHARS);
    const fits = await this.oneOfFew(async () => verify(passwordHash ?? (await this.decoy()), candidate));
    return fits && passwordHash !== null && password.length <= MAX_PASSWORD_CHARS;
  }

  private decoy(): Promise<string> {
    return (this.#decoy ??= hash(newSecret(), COST));
  }

  private async oneOfFew<T>(work: () => Promise<T>): Promise<T> {
    if (this.#running >= MAX_RUNNING) await this.turn();
    else this.#running++;
    try {
      return await work();
    } finally {
      const next = this.#waiting.shift();
      if (next) next();
      else this.#running--;
    }
  }

  /** Waits for the place of somebody who is done. */
  private turn(): Promise<void> {
    if (this.#waiting.length >= MAX_WAITING) {
      throw new Unavailable('Too many people log in right now. Try again in a few seconds.');
    }
    return new Promise((resolve) => this.#waiting.push(resolve));
  }
}
