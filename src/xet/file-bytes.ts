import { readSync } from 'node:fs';

/** Bytes that can be looked at piece by piece; a `Uint8Array` is some. What `subarray` gives is valid until it is called again. */
export interface Bytes {
  readonly length: number;
  /** As that of a `Uint8Array`, for `0 <= start <= end`. */
  subarray(start: number, end: number): Uint8Array;
}

const WINDOW_BYTES = 1024 * 1024;

/** The bytes of an open file, of which one window is in memory. It blocks: for threads only. */
export class FileBytes implements Bytes {
  readonly length: number;
  readonly #fd: number;
  #memory = new Uint8Array(WINDOW_BYTES);
  /** What of the file is in `#memory`. */
  #start = 0;
  #end = 0;

  constructor(fd: number, sizeBytes: number) {
    this.#fd = fd;
    this.length = sizeBytes;
  }

  subarray(start: number, end: number): Uint8Array {
    const [from, to] = [Math.min(start, this.length), Math.min(end, this.length)];
    if (from < this.#start || to > this.#end) this.read(from, to);
    return this.#memory.subarray(from - this.#start, to - this.#start);
  }

  private read(from: number, to: number): void {
    if (to - from > this.#memory.length) this.#memory = new Uint8Array(to - from);
    const count = Math.min(this.#memory.length, this.length - from);
    for (let at = 0; at < count;) {
      const readBytes = readSync(this.#fd, this.#memory, at, count - at, from + at);
      if (readBytes === 0) throw new Error('a file is shorter than what was written to it');
      at += readBytes;
    }
    [this.#start, this.#end] = [from, from + count];
  }
}
