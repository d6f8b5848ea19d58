import { Readable } from 'node:stream';
import { callbackify } from 'node:util';

/** Buffered bytes beyond which nothing more is made. */
const HIGH_WATER_BYTES = 512 * 1024;

/** A stream of what a generator makes. Destroying it aborts the signal, so that a generator that waits for something ends at once. */
export function streamOf(source: AsyncGenerator<Uint8Array>, abort: AbortController): Readable {
  return new Readable({
    highWaterMark: HIGH_WATER_BYTES,
    read() {
      source.next().then(
        ({ done, value }) => this.push(done ? null : value),
        (error: Error) => this.destroy(error),
      );
    },
    destroy(error, callback) {
      abort.abort();
      const end = callbackify(() => source.return(undefined));
      end((failure) => callback(error ?? failure));
    },
  });
}
