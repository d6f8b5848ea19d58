import { ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { callbackify } from 'node:util';

/** Bytes that are sent on together: of decoded ones a few chunks, a millisecond of work. */
const BUFFER_BYTES = 512 * 1024;

/** Where a `FilledStream` gets its bytes from. */
export interface ByteFiller {
  /** Writes the next bytes to the start of the buffer and returns how many; 0 at the end. Never called again before it has answered. */
  fill(target: Buffer): Promise<number>;
  /** Called once, also while `fill` is at work, which must end soon then. */
  close(): Promise<void>;
}

/**
 * A stream that makes its bytes as they are read. `pipe` into an HTTP response (so also a server's `send`) works with two buffers, one
 * being filled while the other is sent: fresh ones would cost more than making the bytes. That is safe there only: a response calls back
 * when the bytes have left, while a transform may have passed the buffer itself on. All else gets buffers of its own.
 */
export class FilledStream extends Readable {
  readonly #filler: ByteFiller;
  readonly #bufferBytes: number;
  #abandonWrite = () => {};

  /** @param neededBytes for less than the usual buffer. */
  constructor(filler: ByteFiller, neededBytes = BUFFER_BYTES) {
    super({ highWaterMark: BUFFER_BYTES });
    this.#filler = filler;
    this.#bufferBytes = Math.min(BUFFER_BYTES, neededBytes);
  }

  override _read(): void {
    const buffer = Buffer.allocUnsafeSlow(this.#bufferBytes);
    this.#filler.fill(buffer).then(
      (filled) => this.push(filled === 0 ? null : buffer.subarray(0, filled)),
      (error: Error) => this.destroy(error),
    );
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    this.#abandonWrite();
    const close = callbackify(() => this.#filler.close());
    close((closeError) => callback(error ?? closeError));
  }

  override pipe<T extends NodeJS.WritableStream>(destination: T, options?: { end?: boolean }): T {
    if (!(destination instanceof ServerResponse) || this.readableDidRead)
      return super.pipe(destination, options);
    const stop = () => this.destroy();
    destination.once('close', stop);
    this.copyTo(destination).then(
      (complete) => {
        destination.off('close', stop);
        if (!complete) return this.destroy();
        if (options?.end !== false) destination.end();
        this.push(null);
        return this.resume();
      },
      (error: Error) => this.destroy(error),
    );
    return destination;
  }

  /** Resolves to false when the destination or this stream was closed on the way. */
  private async copyTo(destination: ServerResponse): Promise<boolean> {
    const buffers = [0, 1].map(() => Buffer.allocUnsafeSlow(this.#bufferBytes));
    let writing = Promise.resolve(true);
    for (let turn = 0; !this.destroyed; turn ^= 1) {
      const buffer = buffers[turn]!;
      const filled = await this.#filler.fill(buffer);
      // The other buffer is free after this.
      if (!(await writing)) return false;
      if (filled === 0) return !this.destroyed;
      writing = this.write(destination, buffer.subarray(0, filled));
    }
    return false;
  }

  /** A destination that closes may never call back, so closing settles the write as well. */
  private write(destination: ServerResponse, bytes: Buffer): Promise<boolean> {
    if (this.destroyed) return Promise.resolve(false);
    return new Promise((resolve) => {
      this.#abandonWrite = () => resolve(false);
      destination.write(bytes, (error) => resolve(error === null || error === undefined));
    });
  }
}

/**
 * A stream of what a generator makes. Each of its buffers is copied before the next is asked for. When the stream is destroyed the signal
 * is aborted, so that a generator that waits for the object store ends soon.
 */
export function streamOf(source: AsyncGenerator<Buffer>, abort: AbortController): Readable {
  let rest: Buffer = Buffer.alloc(0);
  return new FilledStream({
    async fill(target) {
      let filled = 0;
      while (filled < target.length) {
        if (rest.length === 0) {
          const next = await source.next();
          if (next.done) break;
          rest = next.value;
        }
        const copied = rest.copy(target, filled);
        rest = rest.subarray(copied);
        filled += copied;
      }
      return filled;
    },
    async close() {
      abort.abort();
      await source.return(undefined);
    },
  });
}

/**
 * Gives back the memory of a slice that nobody reads any more. The garbage collector would look through the whole heap for every few
 * dozen megabytes that were read, which costs more than reading and decoding them. A slice of a larger buffer is left alone.
 */
export function freeNow({ buffer, byteLength }: Buffer): void {
  if (buffer instanceof ArrayBuffer && buffer.byteLength === byteLength) buffer.transfer(0);
}
