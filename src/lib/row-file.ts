import { closeSync, createReadStream, openSync, writeSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';

const FLUSH_BYTES = 256 * 1024;

/** Rows that can be read as often as is wanted. */
export interface RowSource {
  readonly count: number;
  /** All rows, in pieces of bytes: as text they would be copied a few times on their way. */
  read(): AsyncIterable<Buffer>;
}

/** Text that may be too much for memory: what is more than a piece goes to a file, to be read as often as is wanted. */
export class RowFile implements RowSource, AsyncDisposable {
  readonly #path: string;
  #file: FileHandle | null = null;
  #pending: string[] = [];
  #pendingChars = 0;
  #count = 0;

  /** @param path of a file that is not there yet. */
  constructor(path: string) {
    this.#path = path;
  }

  /** How many rows were added. */
  get count(): number {
    return this.#count;
  }

  /** @param row with the end of its line. Call `flush` from time to time. */
  add(row: string): void {
    this.#pending.push(row);
    this.#pendingChars += row.length;
    this.#count++;
  }

  /** Writes what was added, when it has become much. @throws {Error} when the file was there before. */
  async flush(): Promise<void> {
    if (this.#pendingChars < FLUSH_BYTES) return;
    const text = this.#pending.join('');
    this.#pending = [];
    this.#pendingChars = 0;
    this.#file ??= await open(this.#path, 'wx', 0o600);
    await this.#file.appendFile(text);
  }

  read(): AsyncIterable<Buffer> {
    return piecesOf({ path: this.#file && this.#path, tail: this.#pending.join('') });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#file?.close();
  }
}

/** Rows of a `SyncRowFile`, as they cross threads. */
export interface WrittenRows {
  readonly count: number;
  /** Of the file that has the first rows; null when there are few. */
  readonly path: string | null;
  /** The last rows. */
  readonly tail: string;
}

/** Keeps rows as `RowFile` does, for a thread that may block; another one reads them with `rowSource`. */
export class SyncRowFile implements Disposable {
  readonly #path: string;
  #fd: number | null = null;
  #pending: string[] = [];
  #pendingChars = 0;
  #count = 0;

  /** @param path of a file that is replaced if it is there. */
  constructor(path: string) {
    this.#path = path;
  }

  /** @param row with the end of its line. */
  add(row: string): void {
    this.#pending.push(row);
    this.#pendingChars += row.length;
    this.#count++;
    if (this.#pendingChars >= FLUSH_BYTES) this.flush();
  }

  finish(): WrittenRows {
    const path = this.#fd === null ? null : this.#path;
    return { count: this.#count, path, tail: this.#pending.join('') };
  }

  [Symbol.dispose](): void {
    if (this.#fd !== null) closeSync(this.#fd);
  }

  private flush(): void {
    const bytes = Buffer.from(this.#pending.join(''));
    this.#pending = [];
    this.#pendingChars = 0;
    this.#fd ??= openSync(this.#path, 'w', 0o600);
    for (let done = 0; done < bytes.length;) done += writeSync(this.#fd, bytes, done);
  }
}

/** What some `SyncRowFile`s keep, one after the other. */
export function rowSource(...parts: readonly WrittenRows[]): RowSource {
  return {
    count: parts.reduce((sum, { count }) => sum + count, 0),
    read: async function* () {
      for (const rows of parts) yield* piecesOf(rows);
    },
  };
}

async function* piecesOf({ path, tail }: Pick<WrittenRows, 'path' | 'tail'>): AsyncGenerator<Buffer> {
  if (path !== null) yield* createReadStream(path, { highWaterMark: FLUSH_BYTES }) as AsyncIterable<Buffer>;
  if (tail !== '') yield Buffer.from(tail);
}
