import { PayloadTooLarge } from '../../src/domain/errors.ts';

const LINE_FEED = 0x0a;

/** One line of a body, without its line feed. */
export interface Line {
  /** Starts at 1. */
  readonly number: number;
  readonly bytes: Buffer;
}

export interface LineLimits {
  readonly firstLineBytes: number;
  readonly lineBytes: number;
}

/**
 * Splits a stream of bytes into lines. Holds one line at a time; the last one needs no line feed.
 * @throws {PayloadTooLarge} as soon as a line grows beyond its limit.
 */
export async function* splitLines(
  chunks: AsyncIterable<Uint8Array>,
  limits: LineLimits,
): AsyncGenerator<Line, void, undefined> {
  let number = 1;
  const check = (sizeBytes: number): void => {
    const limitBytes = number === 1 ? limits.firstLineBytes : limits.lineBytes;
    if (sizeBytes > limitBytes)
      throw new PayloadTooLarge(`Line ${number} is longer than ${limitBytes} bytes.`);
  };
  let pieces: Buffer[] = [];
  let pendingBytes = 0;
  for await (const chunk of chunks) {
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    let start = 0;
    for (let end = bytes.indexOf(LINE_FEED); end !== -1; end = bytes.indexOf(LINE_FEED, start)) {
      check(pendingBytes + end - start);
      const line = joined(pieces, bytes.subarray(start, end));
      pieces = [];
      pendingBytes = 0;
      start = end + 1;
      yield { number: number++, bytes: line };
    }
    if (start === bytes.length) continue;
    pieces.push(bytes.subarray(start));
    pendingBytes += bytes.length - start;
    check(pendingBytes);
  }
  if (pendingBytes > 0) yield { number, bytes: joined(pieces) };
}

function joined(pieces: readonly Buffer[], last?: Buffer): Buffer {
  const all = last ? [...pieces, last] : pieces;
  return all.length === 1 ? all[0]! : Buffer.concat(all);
}
