/** A key waiting for its value. */
interface Waiting<Key, Value> {
  readonly key: Key;
  readonly resolve: (value: Value) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Joins look-ups that arrive in the same turn of the event loop into one call, so that many small requests cost one
 * statement. Nothing is remembered: a look-up always starts after it was asked for, so its answer is never stale.
 */
export class Batcher<Key, Value> {
  readonly #loadMany: (keys: readonly Key[]) => Promise<readonly Value[]>;
  readonly #maxBatch: number;
  #waiting: Waiting<Key, Value>[] = [];
  #isScheduled = false;

  /** @param loadMany answers with one value per key, in the order of the keys. */
  constructor(loadMany: (keys: readonly Key[]) => Promise<readonly Value[]>, maxBatch = 200) {
    this.#loadMany = loadMany;
    this.#maxBatch = maxBatch;
  }

  load(key: Key): Promise<Value> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ key, resolve, reject });
      if (this.#isScheduled) return;
      this.#isScheduled = true;
      setImmediate(() => this.flush());
    });
  }

  private flush(): void {
    const all = this.#waiting;
    this.#waiting = [];
    this.#isScheduled = false;
    for (let start = 0; start < all.length; start += this.#maxBatch) {
      void this.run(all.slice(start, start + this.#maxBatch));
    }
  }

  private async run(batch: readonly Waiting<Key, Value>[]): Promise<void> {
    try {
      const values = await this.#loadMany(batch.map((entry) => entry.key));
      for (const [index, entry] of batch.entries()) entry.resolve(values[index] as Value);
    } catch (error) {
      for (const entry of batch) entry.reject(error);
    }
  }
}
