/** Look-ups of the same thing, waiting for its value. */
interface Waiting<Key, Value> {
  readonly key: Key;
  readonly value: Promise<Value>;
  readonly resolve: (value: Value) => void;
  readonly reject: (error: unknown) => void;
}

export interface BatcherOptions<Key, Value> {
  /** Answers with one value per key, in the order of the keys. */
  readonly loadMany: (keys: readonly Key[]) => Promise<readonly Value[]>;
  /** Keys with the same id ask for the same thing: it is looked up once for all who wait. */
  readonly idOf: (key: Key) => string | number;
  /** Keys of one call, 200 unless it is said. */
  readonly maxBatch?: number;
}

const MAX_BATCH = 200;
/** While so many calls are under way, look-ups wait and become one larger call: the busier the hub, the less each of them costs. */
const MAX_RUNNING = 2;

/**
 * Joins look-ups that arrive in the same turn of the event loop, or while others are under way, into one call, so that many small
 * requests cost one statement. Nothing is remembered: a look-up always starts after it was asked for, so its answer is never stale.
 */
export class Batcher<Key, Value> {
  readonly #loadMany: (keys: readonly Key[]) => Promise<readonly Value[]>;
  readonly #idOf: (key: Key) => string | number;
  readonly #maxBatch: number;
  #waiting = new Map<string | number, Waiting<Key, Value>>();
  #isScheduled = false;
  #running = 0;

  constructor({ loadMany, idOf, maxBatch = MAX_BATCH }: BatcherOptions<Key, Value>) {
    this.#loadMany = loadMany;
    this.#idOf = idOf;
    this.#maxBatch = maxBatch;
  }

  load(key: Key): Promise<Value> {
    const id = this.#idOf(key);
    const known = this.#waiting.get(id);
    if (known) return known.value;
    const { promise: value, resolve, reject } = Promise.withResolvers<Value>();
    this.#waiting.set(id, { key, value, resolve, reject });
    if (!this.#isScheduled && this.#running < MAX_RUNNING) {
      this.#isScheduled = true;
      setImmediate(() => this.flush());
    }
    return value;
  }

  private flush(): void {
    this.#isScheduled = false;
    if (this.#waiting.size === 0) return;
    const all = [...this.#waiting.values()];
    this.#waiting.clear();
    for (let start = 0; start < all.length; start += this.#maxBatch) {
      void this.run(all.slice(start, start + this.#maxBatch));
    }
  }

  private async run(batch: readonly Waiting<Key, Value>[]): Promise<void> {
    this.#running += 1;
    try {
      const values = await this.#loadMany(batch.map((entry) => entry.key));
      for (const [index, entry] of batch.entries()) entry.resolve(values[index] as Value);
    } catch (error) {
      for (const entry of batch) entry.reject(error);
    }
    this.#running -= 1;
    if (!this.#isScheduled && this.#running < MAX_RUNNING && this.#waiting.size > 0) this.flush();
  }
}
