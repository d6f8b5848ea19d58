/** Hashing is bound by one core and the store's bandwidth: more at once only makes each of them slower. */
const MAX_RUNNING = 4;

/** Runs verifications of uploads: few at a time, and never two of one upload. One for the whole process. */
export class Verifications {
  readonly #running = new Map<string, Promise<void>>();
  readonly #waiting: (() => void)[] = [];
  #free = MAX_RUNNING;

  /** A caller that comes while the same upload is being verified gets that outcome. */
  run(uploadId: string, verify: () => Promise<void>): Promise<void> {
    const running = this.#running.get(uploadId);
    if (running) return running;
    const started = this.inTurn(verify).finally(() => this.#running.delete(uploadId));
    this.#running.set(uploadId, started);
    return started;
  }

  private async inTurn(verify: () => Promise<void>): Promise<void> {
    if (this.#free > 0) this.#free -= 1;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    try {
      await verify();
    } finally {
      const next = this.#waiting.shift();
      if (next) next();
      else this.#free += 1;
    }
  }
}
