interface Handlers<Value> {
  readonly onData: (value: Value) => void;
  readonly onError: (error: unknown) => void;
  readonly onComplete: () => void;
}

type Result<Value> = { readonly value: Value } | { readonly error: unknown } | 'complete';

/** The values of a subscription of tRPC one by one, for tests. */
export class Subscriber<Value> {
  readonly #subscription: { unsubscribe(): void };
  readonly #results: Result<Value>[] = [];
  #wake: () => void = () => {};

  constructor(subscribe: (handlers: Handlers<Value>) => { unsubscribe(): void }) {
    const take = (result: Result<Value>): void => {
      this.#results.push(result);
      this.#wake();
    };
    this.#subscription = subscribe({
      onData: (value) => take({ value }),
      onError: (error) => take({ error }),
      onComplete: () => take('complete'),
    });
  }

  /** The next value; undefined when the stream has ended. @throws the error that ended it. */
  async next(): Promise<Value | undefined> {
    while (this.#results.length === 0) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    const result = this.#results.shift()!;
    if (result === 'complete') return undefined;
    if ('error' in result) throw result.error;
    return result.value;
  }

  close(): void {
    this.#subscription.unsubscribe();
  }
}
