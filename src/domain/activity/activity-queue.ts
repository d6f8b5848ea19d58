import { Unavailable } from '../errors.ts';

/** So many events may wait for a slow reader. */
export const MAX_QUEUED = 200;

interface Waiting<Item> {
  readonly resolve: (result: IteratorResult<Item, undefined>) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Events on their way to one subscriber. A newer count replaces one that waits, so that only movements of refs can pile up; a reader who
 * lets too many of them wait is dropped.
 */
export class ActivityQueue<Item extends { readonly kind: string }> implements AsyncIterableIterator<
  Item,
  undefined
> {
  readonly #onEnd: () => void;
  #items: Item[] = [];
  #waiting: Waiting<Item>[] = [];
  #end: { readonly error: unknown } | null = null;

  /** @param onEnd is called once, when nothing may come any more: the subscriber has gone, or it was ended. */
  constructor(onEnd: () => void) {
    this.#onEnd = onEnd;
  }

  /** Puts items in front of those that came since it was opened, of which the known ones are left out. */
  begin(items: readonly Item[], isKnown: (item: Item) => boolean): void {
    if (!this.#end) this.#items = [...items, ...this.#items.filter((item) => !isKnown(item))];
  }

  push(item: Item): void {
    if (this.#end) return;
    const reader = this.#waiting.shift();
    if (reader) return reader.resolve({ done: false, value: item });
    const same = item.kind === 'ref' ? -1 : this.#items.findIndex(({ kind }) => kind === item.kind);
    if (same >= 0) this.#items[same] = item;
    else if (this.#items.length < MAX_QUEUED) this.#items.push(item);
    else
      this.fail(
        new Unavailable(`You read too slowly: more than ${MAX_QUEUED} events were waiting. Subscribe again.`),
      );
  }

  /** Ends it at once with an error: what waits is not delivered, because its reader may have lost his rights. */
  fail(error: unknown): void {
    this.finish({ error });
  }

  async next(): Promise<IteratorResult<Item, undefined>> {
    const item = this.#items.shift();
    if (item) return { done: false, value: item };
    if (!this.#end) return new Promise((resolve, reject) => this.#waiting.push({ resolve, reject }));
    const { error } = this.#end;
    // An error is told once.
    this.#end = { error: null };
    if (error !== null) throw error;
    return { done: true, value: undefined };
  }

  async return(): Promise<IteratorResult<Item, undefined>> {
    this.finish({ error: null });
    return { done: true, value: undefined };
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  private finish(end: { readonly error: unknown }): void {
    if (this.#end) return;
    this.#items = [];
    const waiting = this.#waiting.splice(0);
    this.#end = waiting.length > 0 ? { error: null } : end;
    for (const [index, reader] of waiting.entries()) {
      if (index === 0 && end.error !== null) reader.reject(end.error);
      else reader.resolve({ done: true, value: undefined });
    }
    this.#onEnd();
  }
}
