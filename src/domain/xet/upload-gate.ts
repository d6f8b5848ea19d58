import { Unavailable } from '../errors.ts';

export interface UploadGateOptions {
  /** What may be inside at once, in the unit of `run`'s `weight`. */
  readonly capacity: number;
  /** So many may wait. */
  readonly maxWaiting: number;
  /** So long one may wait. */
  readonly waitMs: number;
}

/** One that is to be let in. */
export interface UploadGatePass {
  /** Its share of the capacity while it is inside. */
  readonly weight: number;
  /** Aborted when whoever waits has gone away. */
  readonly signal: AbortSignal;
}

interface Waiter {
  readonly weight: number;
  readonly enter: () => void;
}

const RETRY_AFTER_SECONDS = 5;

/**
 * Bounds what uploads hold in memory at once. Who finds no room waits in a queue, first come first served; while he waits, he holds
 * nothing: his body is still unread. One for the whole process.
 */
export class UploadGate {
  readonly #options: UploadGateOptions;
  readonly #waiters: Waiter[] = [];
  #free: number;

  constructor(options: UploadGateOptions) {
    this.#options = options;
    this.#free = options.capacity;
  }

  /** How many wait now. */
  get waitingCount(): number {
    return this.#waiters.length;
  }

  /**
   * Does the work when there is room for it.
   *
   * @throws {Unavailable} too many wait already, or the wait was too long. @throws {AbortError} of the signal, while waiting.
   */
  async run<Result>(pass: UploadGatePass, work: () => Promise<Result>): Promise<Result> {
    const weight = Math.min(pass.weight, this.#options.capacity);
    await this.enter({ ...pass, weight });
    try {
      return await work();
    } finally {
      this.#free += weight;
      this.admit();
    }
  }

  private async enter({ weight, signal }: UploadGatePass): Promise<void> {
    signal.throwIfAborted();
    if (this.#waiters.length === 0 && weight <= this.#free) {
      this.#free -= weight;
      return;
    }
    if (this.#waiters.length >= this.#options.maxWaiting) throw busy();
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const waiter = { weight, enter: resolve };
    const giveUp = (error: unknown): void => {
      const place = this.#waiters.indexOf(waiter);
      if (place === -1) return;
      this.#waiters.splice(place, 1);
      reject(error);
      // A large one that waited in front may have kept small ones outside.
      this.admit();
    };
    const timer = setTimeout(() => giveUp(busy()), this.#options.waitMs);
    const onAbort = (): void => giveUp(signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });
    this.#waiters.push(waiter);
    try {
      await promise;
    } finally {
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
    }
  }

  private admit(): void {
    for (let first = this.#waiters[0]; first && first.weight <= this.#free; first = this.#waiters[0]) {
      this.#waiters.shift();
      this.#free -= first.weight;
      first.enter();
    }
  }
}

function busy(): Unavailable {
  return new Unavailable('The hub is busy with other uploads. Try again in a moment.', {
    retryAfterSeconds: RETRY_AFTER_SECONDS,
  });
}
