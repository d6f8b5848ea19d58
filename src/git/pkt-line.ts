import { BadRequest } from '../lib/domain-error.ts';

/** One line of Git's wire format (gitprotocol-common, gitprotocol-v2): data, or one of the three marks between data. */
export type Pkt =
  | { readonly kind: 'data'; readonly payload: Buffer }
  | { readonly kind: 'flush' }
  | { readonly kind: 'delim' }
  | { readonly kind: 'response-end' };

/** Longest payload of one line. */
export const MAX_PKT_PAYLOAD_BYTES = 65_516;

export const FLUSH_PKT = Buffer.from('0000');
export const DELIM_PKT = Buffer.from('0001');
export const RESPONSE_END_PKT = Buffer.from('0002');

/** Sidebands: 1 carries the pack, 2 is shown to the user, 3 ends the transfer with an error. */
export type Sideband = 1 | 2 | 3;

const LENGTH_BYTES = 4;
const MARKS = ['flush', 'delim', 'response-end'] as const;

/** @throws {RangeError} for a payload that is too long. */
export function encodePkt(payload: string | Uint8Array): Buffer {
  const bytes = typeof payload === 'string' ? Buffer.from(payload) : payload;
  if (bytes.length > MAX_PKT_PAYLOAD_BYTES) throw tooLong(bytes.length);
  const pkt = Buffer.allocUnsafe(LENGTH_BYTES + bytes.length);
  pkt.write(hexLength(pkt.length), 'latin1');
  pkt.set(bytes, LENGTH_BYTES);
  return pkt;
}

/** A data line of each text, a newline behind it. @throws {RangeError} for a text that is too long. */
export function encodeLines(lines: readonly string[]): Buffer {
  return Buffer.from(lines.map(textPkt).join(''));
}

function textPkt(line: string): string {
  const bytes = Buffer.byteLength(line) + 1;
  if (bytes > MAX_PKT_PAYLOAD_BYTES) throw tooLong(bytes);
  return `${hexLength(LENGTH_BYTES + bytes)}${line}\n`;
}

/** The bytes on one sideband, in as many lines as they need. Nothing for no bytes. */
export function encodeSideband(band: Sideband, bytes: Uint8Array): Buffer {
  const room = MAX_PKT_PAYLOAD_BYTES - 1;
  const pkts: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += room) {
    pkts.push(encodePkt(Buffer.concat([Buffer.from([band]), bytes.subarray(at, at + room)])));
  }
  return Buffer.concat(pkts);
}

/** The text of a line, without the newline that may end it. */
export function pktText(payload: Buffer): string {
  const text = payload.toString('utf8');
  return text.endsWith('\n') ? text.slice(0, -1) : text;
}

export interface PktLimits {
  /** Of all lines together, lengths included. */
  readonly totalBytes: number;
  readonly count: number;
}

/**
 * Reads lines from a stream, whatever its chunks are. The stream must end after a whole line.
 * @throws {BadRequest} for a wrong length, a cut line, or more than the limits.
 */
export async function* readPkts(
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  limits: PktLimits,
): AsyncGenerator<Pkt, void, undefined> {
  const reader = new PktReader(limits);
  for await (const chunk of chunks) yield* reader.push(chunk);
  reader.end();
}

/** The same over bytes that are all here. @throws {BadRequest} as `readPkts`. */
export function* parsePkts(bytes: Uint8Array, limits: PktLimits): Generator<Pkt, void, undefined> {
  const reader = new PktReader(limits);
  yield* reader.push(bytes);
  reader.end();
}

class PktReader {
  readonly #limits: PktLimits;
  #rest: Buffer = Buffer.alloc(0);
  #totalBytes = 0;
  #count = 0;

  constructor(limits: PktLimits) {
    this.#limits = limits;
  }

  *push(chunk: Uint8Array): Generator<Pkt, void, undefined> {
    const { totalBytes, count } = this.#limits;
    this.#totalBytes += chunk.length;
    if (this.#totalBytes > totalBytes)
      throw new BadRequest(`The Git request is longer than ${totalBytes} bytes.`);
    const bytes =
      this.#rest.length === 0
        ? Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length)
        : Buffer.concat([this.#rest, chunk]);
    let at = 0;
    for (let end = pktEnd(bytes, at); end !== null && end <= bytes.length; end = pktEnd(bytes, at)) {
      if (++this.#count > count) throw new BadRequest(`The Git request has more than ${count} lines.`);
      yield pktAt(bytes, at, end);
      at = end;
    }
    this.#rest = bytes.subarray(at);
  }

  end(): void {
    if (this.#rest.length > 0) throw new BadRequest('The Git request ends in the middle of a line.');
  }
}

/** Where the line at `at` ends, which may be behind what is here; null while its length is not here. */
function pktEnd(bytes: Buffer, at: number): number | null {
  if (bytes.length < at + LENGTH_BYTES) return null;
  const digits = bytes.toString('latin1', at, at + LENGTH_BYTES);
  const length = /^[0-9a-fA-F]{4}$/.test(digits) ? Number.parseInt(digits, 16) : NaN;
  if (length < MARKS.length) return at + LENGTH_BYTES;
  if (length >= LENGTH_BYTES && length <= MAX_PKT_PAYLOAD_BYTES + LENGTH_BYTES) return at + length;
  throw new BadRequest('The Git request has a line with a wrong length.');
}

function pktAt(bytes: Buffer, at: number, end: number): Pkt {
  const mark = MARKS[Number.parseInt(bytes.toString('latin1', at, at + LENGTH_BYTES), 16)];
  return mark ? { kind: mark } : { kind: 'data', payload: bytes.subarray(at + LENGTH_BYTES, end) };
}

function tooLong(bytes: number): RangeError {
  return new RangeError(`a pkt-line holds ${MAX_PKT_PAYLOAD_BYTES} bytes, not ${bytes}`);
}

function hexLength(length: number): string {
  return length.toString(16).padStart(LENGTH_BYTES, '0');
}
