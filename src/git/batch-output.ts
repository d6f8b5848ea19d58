import { BadRequest } from '../lib/domain-error.ts';
import { isOid, type Oid } from './oid.ts';
import { OBJECT_TYPE_CODE, type ObjectType } from './object.ts';

/** A header line of `git cat-file --batch` with the format `BATCH_FORMAT`. */
export interface BatchHeader {
  readonly oid: Oid;
  readonly type: ObjectType;
  readonly sizeBytes: number;
  /** What stood behind the id in the input: a path, of bytes that need not be UTF-8. */
  readonly rest: Buffer;
}

/** Takes the content of one object in pieces. */
export interface BatchSink {
  write(piece: Buffer): void;
  end(): void;
}

/** What `BatchReader` and `parseBatchHeader` expect of `git cat-file`. */
export const BATCH_FORMAT = '%(objectname) %(objecttype) %(objectsize) %(rest)';

const LINE_FEED = 0x0a;
/** A path that git writes in one piece. Longer ones are refused by a limit of their own. */
const MAX_HEADER_BYTES = 1024 * 1024;
const FIXED = /^([0-9a-f]{40}) (commit|tree|blob|tag) (\d{1,15}) $/;

/** @throws {Error} for anything else: git found no such object, or is none. */
export function parseBatchHeader(line: Buffer): BatchHeader {
  // The path is behind the third space, and may hold anything.
  let end = 0;
  for (let spaces = 0; spaces < 3; spaces++) end = line.indexOf(0x20, end) + 1 || line.length + 1;
  const [, oid, type, sizeBytes] = FIXED.exec(line.toString('latin1', 0, end)) ?? [];
  if (oid === undefined || !isOid(oid) || type === undefined || !Object.hasOwn(OBJECT_TYPE_CODE, type)) {
    throw new Error(`git cat-file said ${line.toString('latin1', 0, 200)}`);
  }
  return { oid, type: type as ObjectType, sizeBytes: Number(sizeBytes), rest: line.subarray(end) };
}

/** Cuts a stream into lines. */
export class LineReader {
  readonly #end: number;
  #held: Buffer[] = [];
  #heldBytes = 0;

  /** @param end the byte that ends a line; by default a line feed. */
  constructor(end = LINE_FEED) {
    this.#end = end;
  }

  /** The lines that are complete now, without their ends. @throws {BadRequest} for a line of more than a mebibyte. */
  *push(chunk: Buffer): Generator<Buffer> {
    let at = 0;
    for (let end = chunk.indexOf(this.#end); end >= 0; end = chunk.indexOf(this.#end, at)) {
      yield this.take(chunk.subarray(at, end));
      at = end + 1;
    }
    this.hold(chunk.subarray(at));
  }

  private take(last: Buffer): Buffer {
    if (this.#heldBytes === 0) return last;
    const line = Buffer.concat([...this.#held, last]);
    this.#held = [];
    this.#heldBytes = 0;
    return line;
  }

  private hold(bytes: Buffer): void {
    if (bytes.length === 0) return;
    this.#held.push(bytes);
    this.#heldBytes += bytes.length;
    if (this.#heldBytes > MAX_HEADER_BYTES)
      throw new BadRequest('A path has more than a mebibyte. Shorten it.');
  }
}

/** Cuts the output of `git cat-file --batch` into objects, whose contents it does not hold. */
export class BatchReader {
  readonly #open: (header: BatchHeader) => BatchSink;
  #line: Buffer = Buffer.alloc(0);
  #sink: BatchSink | null = null;
  /** Of the content and the line feed behind it, which belongs to no content. */
  #leftBytes = 0;

  /** @param open is called for each object, in order, and takes its content. */
  constructor(open: (header: BatchHeader) => BatchSink) {
    this.#open = open;
  }

  push(chunk: Buffer): void {
    let at = 0;
    while (at < chunk.length) at = this.#sink ? this.takeContent(chunk, at) : this.takeHeader(chunk, at);
  }

  /** @throws {Error} when the output was cut off. */
  end(): void {
    if (this.#sink || this.#line.length > 0) throw new Error('git cat-file ended in the middle of an object');
  }

  private takeHeader(chunk: Buffer, at: number): number {
    const end = chunk.indexOf(LINE_FEED, at);
    const piece = chunk.subarray(at, end < 0 ? chunk.length : end);
    this.#line = this.#line.length === 0 ? piece : Buffer.concat([this.#line, piece]);
    if (this.#line.length > MAX_HEADER_BYTES)
      throw new BadRequest('A path has more than a mebibyte. Shorten it.');
    if (end < 0) return chunk.length;
    const header = parseBatchHeader(this.#line);
    this.#line = Buffer.alloc(0);
    this.#sink = this.#open(header);
    this.#leftBytes = header.sizeBytes + 1;
    return end + 1;
  }

  private takeContent(chunk: Buffer, at: number): number {
    const end = Math.min(chunk.length, at + this.#leftBytes);
    this.#leftBytes -= end - at;
    const isWhole = this.#leftBytes === 0;
    const piece = chunk.subarray(at, isWhole ? end - 1 : end);
    if (piece.length > 0) this.#sink!.write(piece);
    if (isWhole) {
      this.#sink!.end();
      this.#sink = null;
    }
    return end;
  }
}
