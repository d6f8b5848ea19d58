import { BadRequest } from '../../src/domain/errors.ts';
import { type Pkt, pktText, readPkts } from '../../src/git/pkt-line.ts';

/** One request of git-lfs, up to its lines or bytes. */
export interface TransferRequest {
  readonly command: string;
  /** What follows the command on its line, such as an oid. Empty when nothing does. */
  readonly subject: string;
  readonly args: ReadonlyMap<string, string>;
}

/** The longest line names a file. */
const MAX_LINE_BYTES = 8192;
/** All lines of a request with their lengths. A batch of 1000 objects has 80 KB. */
const MAX_REQUEST_BYTES = 1024 * 1024;
const LENGTH_BYTES = 4;

/**
 * Reads requests one after the other. After one that is not of the protocol, or has more than it may, nothing more is read.
 * All methods throw {BadRequest} for such a one.
 */
export class TransferReader {
  readonly #pkts: AsyncIterator<Pkt>;
  #isBetween = true;
  #isOver = false;
  /** Whether lines or bytes of the current request are still to come. */
  #hasMore = false;
  #roomBytes = 0;

  /** @param input what the client sends; it is given whether the client is between two requests. */
  constructor(input: (isBetween: () => boolean) => AsyncIterable<Buffer>) {
    const limits = { totalBytes: Infinity, count: Infinity };
    this.#pkts = readPkts(
      input(() => this.#isBetween),
      limits,
    );
  }

  /** Null when the client has no more. */
  async next(): Promise<TransferRequest | null> {
    if (this.#isOver) return null;
    this.#isBetween = true;
    this.#roomBytes = MAX_REQUEST_BYTES;
    const first = await this.#pkts.next();
    this.#isBetween = false;
    if (first.done) return null;
    const [line = '', ...args] = await this.collect(first.value);
    const [command, subject] = split(line, ' ');
    return { command, subject, args: new Map(args.map((text) => split(text, '='))) };
  }

  /** The lines of the request. Empty when it has none. */
  async lines(): Promise<readonly string[]> {
    if (!this.#hasMore) return [];
    const lines = await this.collect(await this.pkt());
    return this.#hasMore ? this.refuse('a second list of lines') : lines;
  }

  /**
   * The bytes of the request. Who stops reading leaves the rest, for `finish`.
   * @param sizeBytes how many may come.
   */
  body(sizeBytes: number): AsyncIterable<Uint8Array> {
    this.#roomBytes = sizeBytes;
    const next = async (): Promise<IteratorResult<Uint8Array, undefined>> => {
      const value = await this.bytes();
      return value ? { done: false, value } : { done: true, value: undefined };
    };
    return { [Symbol.asyncIterator]: () => ({ next }) };
  }

  /** Reads what nobody wanted of the request: the client reads no answer before it has sent all. */
  async finish(): Promise<void> {
    while (await this.bytes());
  }

  /** Reads no more requests. */
  end(): void {
    this.#isOver = true;
  }

  private async bytes(): Promise<Uint8Array | null> {
    if (!this.#hasMore) return null;
    const pkt = await this.pkt();
    if (pkt.kind === 'flush') {
      this.#hasMore = false;
      return null;
    }
    if (pkt.kind !== 'data' || pkt.payload.length === 0) return this.refuse('something else than bytes');
    this.#roomBytes -= pkt.payload.length;
    return this.#roomBytes < 0 ? this.refuse('more bytes than its size says') : pkt.payload;
  }

  private async collect(first: Pkt): Promise<string[]> {
    const lines: string[] = [];
    let pkt = first;
    for (; pkt.kind === 'data'; pkt = await this.pkt()) {
      this.#roomBytes -= LENGTH_BYTES + pkt.payload.length;
      if (pkt.payload.length > MAX_LINE_BYTES) return this.refuse(`a line above ${MAX_LINE_BYTES} bytes`);
      if (this.#roomBytes < 0) return this.refuse(`more than ${MAX_REQUEST_BYTES} bytes of lines`);
      lines.push(pktText(pkt.payload));
    }
    if (pkt.kind === 'response-end') return this.refuse('a mark that is not of this protocol');
    this.#hasMore = pkt.kind === 'delim';
    return lines;
  }

  private async pkt(): Promise<Pkt> {
    const { done, value } = await this.#pkts.next();
    return done ? this.refuse('no end') : value;
  }

  private refuse(what: string): never {
    this.end();
    this.#hasMore = false;
    throw new BadRequest(`The request of git-lfs has ${what}.`);
  }
}

function split(text: string, separator: string): [string, string] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)];
}
