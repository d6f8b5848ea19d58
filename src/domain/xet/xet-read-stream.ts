import type { Readable } from 'node:stream';
import { ObjectNotFound } from '../../storage/errors.ts';
import type { ByteSpan } from '../../storage/byte-range.ts';
import type { ObjectKey, ObjectStore } from '../../storage/object-store.ts';

/**
 * Opens a part of an object that may be left unread when there is a signal that closes it. An object that is not there is the hub's trouble: the database
 * names it.
 */
export async function openSpan(
  store: ObjectStore,
  key: ObjectKey,
  { offsetBytes, lengthBytes, signal }: ByteSpan & { readonly signal?: AbortSignal },
): Promise<Readable> {
  const range = { start: offsetBytes, end: offsetBytes + lengthBytes - 1 };
  try {
    const { body } = await store.get(key, { range, ...(signal && { signal }) });
    // Whoever reads the body gets its error; while nobody does, an error must not end the process.
    return body.on('error', () => {});
  } catch (error) {
    if (!(error instanceof ObjectNotFound)) throw error;
    throw new Error('The object store has lost an object.', { cause: error });
  }
}

/** Opens one thing after another, the next few while the present one is used. */
export class OpenAhead<Item, Opened> {
  readonly #items: readonly Item[];
  readonly #open: (item: Item) => Promise<Opened>;
  readonly #ahead: number;
  readonly #opening: Promise<Opened>[] = [];
  #next = 0;

  /** @param options.ahead how many more than the present one are open. */
  constructor(
    items: readonly Item[],
    { open, ahead }: { readonly open: (item: Item) => Promise<Opened>; readonly ahead: number },
  ) {
    this.#items = items;
    this.#open = open;
    this.#ahead = ahead;
    this.fill();
  }

  /** Rejects when the first one cannot be opened. */
  async ready(): Promise<void> {
    await this.#opening[0];
  }

  async *all(): AsyncGenerator<readonly [Item, Opened]> {
    for (const item of this.#items) {
      const opened = await this.#opening.shift()!;
      this.fill();
      yield [item, opened];
    }
  }

  private fill(): void {
    while (this.#next < this.#items.length && this.#opening.length <= this.#ahead) {
      const opening = this.#open(this.#items[this.#next++]!);
      // It is looked at when its turn comes, perhaps never.
      opening.catch(() => {});
      this.#opening.push(opening);
    }
  }
}
