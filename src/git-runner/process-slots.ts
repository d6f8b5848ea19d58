import { DomainError } from '../lib/domain-error.ts';

/** Too many clients want git at once. */
export class GitsBusy extends DomainError {
  readonly code = 'Unavailable';
  constructor() {
    super('The hub is busy with other Git clients. Try again in a moment.', { retryAfterSeconds: 10 });
  }
}

export interface ProcessSlotsOptions {
  readonly maxProcesses: number;
  readonly maxWaiting: number;
  readonly waitMs: number;
}

/** Bounds how many processes run at once. Who comes first goes first; too many, or waiting for too long, is refused. */
export class ProcessSlots {
  readonly #options: ProcessSlotsOptions;
  readonly #waiters: (() => void)[] = [];
  #takenCount = 0;

  constructor(options: ProcessSlotsOptions) {
    this.#options = options;
  }

  get takenCount(): number {
    return this.#takenCount;
  }

  /** @returns what gives the slot back; it may be called again. @throws {GitsBusy} @throws the reason of the signal. */
  async take(signal: AbortSignal): Promise<() => void> {
    signal.throwIfAborted();
    if (this.#takenCount < this.#options.maxProcesses) this.#takenCount++;
    else await this.wait(signal);
    let isHeld = true;
    return () => {
      if (!isHeld) return;
      isHeld = false;
      this.pass();
    };
  }

  private async wait(signal: AbortSignal): Promise<void> {
    if (this.#waiters.length >= this.#options.maxWaiting) throw new GitsBusy();
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const giveUp = (error: unknown): void => {
      const place = this.#waiters.indexOf(resolve);
      if (place === -1) return;
      this.#waiters.splice(place, 1);
      reject(error);
    };
    const timer = setTimeout(() => giveUp(new GitsBusy()), this.#options.waitMs);
    const onAbort = (): void => giveUp(signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });
    this.#waiters.push(resolve);
    try {
      await promise;
    } finally {
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
    }
  }

  /** The slot goes to who waits longest, or becomes free. */
  private pass(): void {
    const next = this.#waiters.shift();
    if (next) next();
    else this.#takenCount--;
  }
}
