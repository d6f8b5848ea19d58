import { Unavailable } from '../errors.ts';

export interface UploadGateOptions {
  /** What may be inside at once, in the unit of `run`'s `weight`. */
  readonly capacity: number;
  /** What one user may have inside; by default all. One pass of his always fits. */
  readonly capacityPerUser?: number;
  /** So many may wait. */
  readonly maxWaiting: number;
  /** So long one may wait. */
  readonly waitMs: number;
}

/** One that is to be let in. */
export interface UploadGatePass {
  /** Its share of the capacity while it is inside. */
  readonly weight: number;
  /** Who wants in, if users take turns here. */
  readonly userId?: number;
  /** Aborted when whoever waits has gone away. */
  readonly signal: AbortSignal;
}

interface Waiter {
  readonly weight: number;
  readonly userId: number | undefined;
  readonly turnAway: () => void;
  readonly enter: () => void;
}

const RETRY_AFTER_SECONDS = 5;

/**
 * Bounds what uploads hold at once, of memory or of disk. Who finds no room waits in a queue, first come first served. Users who are
 * inside come after those who are not, who has his share inside waits for it, and when too many wait, the last one of the user with the
 * most has to go. One for the whole process.
 */
export class UploadGate {
  readonly #options: UploadGateOptions;
  readonly #waiters: Waiter[] = [];
  /** Weights of the passes inside, by user. */
  readonly #inside = new Map<number, number[]>();
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
      this.leave({ ...pass, weight });
    }
  }

  private async enter({ weight, userId, signal }: UploadGatePass): Promise<void> {
    signal.throwIfAborted();
    if (!this.next() && weight <= this.#free && this.isWithinShare({ weight, userId })) {
      this.take({ weight, userId });
      return;
    }
    if (this.#waiters.length >= this.#options.maxWaiting && !this.makeRoom(userId)) throw busy();
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const waiter: Waiter = { weight, userId, enter: resolve, turnAway: () => giveUp(busy()) };
    const giveUp = (error: unknown): void => {
      const place = this.#waiters.indexOf(waiter);
      if (place === -1) return;
      this.#waiters.splice(place, 1);
      reject(error);
      // A large one that waited in front may have kept small ones outside.
      this.admit();
    };
    const timer = setTimeout(waiter.turnAway, this.#options.waitMs);
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

  private take({ weight, userId }: Pick<Waiter, 'weight' | 'userId'>): void {
    this.#free -= weight;
    if (userId !== undefined) this.#inside.set(userId, [...this.weightsOf(userId), weight]);
  }

  private leave({ weight, userId }: UploadGatePass): void {
    this.#free += weight;
    if (userId !== undefined) {
      const weights = this.weightsOf(userId);
      const left = weights.toSpliced(weights.indexOf(weight), 1);
      if (left.length > 0) this.#inside.set(userId, left);
      else this.#inside.delete(userId);
    }
    this.admit();
  }

  private admit(): void {
    for (let next = this.next(); next && next.weight <= this.#free; next = this.next()) {
      this.#waiters.splice(this.#waiters.indexOf(next), 1);
      this.take(next);
      next.enter();
    }
  }

  /** Who is let in next, when there is room for him. */
  private next(): Waiter | undefined {
    const isNew = ({ userId }: Waiter): boolean => userId === undefined || !this.#inside.has(userId);
    return this.#waiters.find(isNew) ?? this.#waiters.find((waiter) => this.isWithinShare(waiter));
  }

  private isWithinShare({ weight, userId }: Pick<Waiter, 'weight' | 'userId'>): boolean {
    const { capacityPerUser = Infinity } = this.#options;
    if (userId === undefined) return true;
    const weights = this.weightsOf(userId);
    return weights.length === 0 || weights.reduce((sum, each) => sum + each, weight) <= capacityPerUser;
  }

  private weightsOf(userId: number): readonly number[] {
    return this.#inside.get(userId) ?? [];
  }

  /** @returns false when nobody has more waiting than this user would have. */
  private makeRoom(userId: number | undefined): boolean {
    if (userId === undefined) return false;
    const waiting = Map.groupBy(this.#waiters, (waiter) => waiter.userId);
    const longest = [...waiting.values()].reduce((most, own) => (own.length > most.length ? own : most), []);
    if (longest.length <= (waiting.get(userId)?.length ?? 0) + 1) return false;
    longest.at(-1)!.turnAway();
    return true;
  }
}

function busy(): Unavailable {
  return new Unavailable('The hub is busy with other uploads. Try again in a moment.', {
    retryAfterSeconds: RETRY_AFTER_SECONDS,
  });
}
