import { BadRequest } from '../errors.ts';
import { MAX_REQUEST_BYTES } from './upload-pack-request.ts';

/** One command of version 2 with the flush that ends it, and what came behind it. */
export interface TakenRequest {
  readonly request: Buffer;
  readonly rest: Buffer;
}

const LENGTH_BYTES = 4;
const FIRST_DATA_LENGTH = 4;

/**
 * Reads up to the next flush, and not further. Null when the client has nothing more to say.
 * @param rest what `takeRequest` returned before.
 * @throws {BadRequest} for a wrong length, a cut line, or more than `MAX_REQUEST_BYTES`.
 */
export async function takeRequest(chunks: AsyncIterator<Buffer>, rest: Buffer): Promise<TakenRequest | null> {
  const held: Buffer[] = [];
  const scanner = new FlushScanner();
  let bytes = 0;
  for (let chunk = rest; ;) {
    const end = scanner.scan(chunk);
    bytes += chunk.length;
    if (end !== null) {
      held.push(chunk.subarray(0, end));
      return { request: Buffer.concat(held), rest: chunk.subarray(end) };
    }
    if (bytes > MAX_REQUEST_BYTES)
      throw new BadRequest(`The Git request is longer than ${MAX_REQUEST_BYTES} bytes.`);
    held.push(chunk);
    const next = await chunks.next();
    if (next.done) {
      if (bytes > 0) throw new BadRequest('The Git request ends in the middle of a line.');
      return null;
    }
    chunk = next.value;
  }
}

/** Follows the lengths of lines through chunks, without keeping their content. */
class FlushScanner {
  #length = '';
  #missing = 0;

  /** Where the first flush ends in this chunk, or null. */
  scan(chunk: Buffer): number | null {
    let at = 0;
    while (at < chunk.length) {
      if (this.#missing > 0) {
        const step = Math.min(this.#missing, chunk.length - at);
        this.#missing -= step;
        at += step;
        continue;
      }
      this.#length += String.fromCodePoint(chunk[at++]!);
      if (this.#length.length < LENGTH_BYTES) continue;
      const length = /^[0-9a-f]{4}$/i.test(this.#length) ? Number.parseInt(this.#length, 16) : NaN;
      this.#length = '';
      if (length === 0) return at;
      // 1 and 2 are marks, and 3 is nothing.
      if (Number.isNaN(length) || length === 3)
        throw new BadRequest('The Git request has a line with a wrong length.');
      this.#missing = Math.max(0, length - FIRST_DATA_LENGTH);
    }
    return null;
  }
}
