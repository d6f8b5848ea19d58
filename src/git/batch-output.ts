import { BadRequest } from '../lib/domain-error.ts';
import { isOid, type Oid } from './oid.ts';
import { OBJECT_TYPE_CODE, type ObjectType } from './object.ts';

/** A line of `git cat-file --batch-check` with the format `BATCH_FORMAT`. */
export interface BatchHeader {
  readonly oid: Oid;
  readonly type: ObjectType;
  readonly sizeBytes: number;
  /** What stood behind the id in the input: a path, of bytes that need not be UTF-8. */
  readonly rest: Buffer;
}

/** What `parseBatchHeader` expects of `git cat-file`. */
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
