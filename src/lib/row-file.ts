import { createReadStream } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';

const FLUSH_BYTES = 256 * 1024;

/** Text that is too much for memory: written to a file first, then read from it as often as is wanted. */
export class RowFile implements AsyncDisposable {
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
    yield* createReadStream(this.#path, {
      encoding: 'utf8',
      highWaterMark: FLUSH_BYTES,
    }) as AsyncIterable<string>;
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
