import { closeSync, createReadStream, openSync, writeSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';

const FLUSH_BYTES = 256 * 1024;

/** Rows that can be read as often as is wanted. */
export interface RowSource {
  readonly count: number;
  read(): AsyncIterable<string>;
}

/** Text that is too much for memory: written to a file first, then read from it as often as is wanted. */
export class RowFile implements RowSource, AsyncDisposable {
  readonly #file: FileHandle;
  readonly #path: string;
  #pending: string[] = [];
  #pendingChars = 0;
  #count = 0;

  private constructor(file: FileHandle, path: string) {
    this.#file = file;
    this.#path = path;
  }

  /** @param path of a file that is not there yet. */
  static async create(path: string): Promise<RowFile> {
    return new RowFile(await open(path, 'wx', 0o600), path);
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

  /** Writes what was added, when it has become much. */
  async flush(): Promise<void> {
    if (this.#pendingChars >= FLUSH_BYTES) await this.write();
  }

  /** All rows, in pieces of text. */
  async *read(): AsyncGenerator<string> {
    await this.write();
    yield* piecesOf(this.#path);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#file.close();
  }

  private async write(): Promise<void> {
    const text = this.#pending.join('');
    this.#pending = [];
    this.#pendingChars = 0;
    if (text.length > 0) await this.#file.appendFile(text);
  }
}

/** Writes rows to a file as `RowFile` does, for a thread that may block; another one reads them with `writtenRows`. */
export class SyncRowFile implements Disposable {
  readonly #fd: number;
  #pending: string[] = [];
  #pendingChars = 0;
  #count = 0;

  /** @param path of a file that is replaced if it is there. */
  constructor(path: string) {
    this.#fd = openSync(path, 'w', 0o600);
  }

  /** How many rows were added. */
  get count(): number {
    return this.#count;
  }

  /** @param row with the end of its line. */
  add(row: string): void {
    this.#pending.push(row);
    this.#pendingChars += row.length;
    this.#count++;
    if (this.#pendingChars >= FLUSH_BYTES) this.flush();
  }

  /** Writes what was added. */
  flush(): void {
    const bytes = Buffer.from(this.#pending.join(''));
    this.#pending = [];
    this.#pendingChars = 0;
    for (let done = 0; done < bytes.length;) done += writeSync(this.#fd, bytes, done);
  }

  [Symbol.dispose](): void {
    closeSync(this.#fd);
  }
}

/** What a `SyncRowFile` wrote. */
export function writtenRows(path: string, count: number): RowSource {
  return { count, read: () => piecesOf(path) };
}

function piecesOf(path: string): AsyncIterable<string> {
  return createReadStream(path, {
    encoding: 'utf8',
    highWaterMark: FLUSH_BYTES,
  }) as AsyncIterable<string>;
}
