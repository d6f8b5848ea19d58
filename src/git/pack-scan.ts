import { createHash } from 'node:crypto';
import { closeSync, createReadStream, openSync, readSync } from 'node:fs';
import { pipeline } from 'node:stream';
import { createInflate, inflateSync } from 'node:zlib';
import { readDeltaSizes } from './delta.ts';
import { type ObjectType, objectTypeOfCode } from './object.ts';
import { type Oid, OID_BYTES } from './oid.ts';
import { decodeEntryHeader, decodePackHeader, mostDeflated, PACK_HEADER_BYTES } from './pack-entry.ts';

/** What an entry of a pack says of its object. */
export interface ScannedEntry {
  /** Null for a delta on an object of elsewhere. */
  readonly type: ObjectType | null;
  /** Of the object, also where the entry is a delta. */
  readonly sizeBytes: number;
  /** Null for a delta, and for an entry that is cut off. */
  readonly oid: Oid | null;
  /** Null for a delta, and for a large object. */
  readonly bytes: Buffer | null;
  /** Whether it is the last one that the pack announces, and not cut off. */
  readonly isEnd: boolean;
}

const OFS_DELTA = 6;
const REF_DELTA = 7;
const WINDOW_BYTES = 2 * 1024 * 1024;
/** Larger entries pass through in pieces. */
const MAX_WHOLE_BYTES = 1024 * 1024;
/** A head of ten bytes, and the id of a base. */
const MAX_HEAD_BYTES = 10 + OID_BYTES;
/** The two sizes in the head of a delta. */
const DELTA_HEAD_BYTES = 20;
const MIN_CHUNK_BYTES = 64;

/**
 * Goes through a pack that has no idx, from its begin to its end or to where it cannot be read any more, without resolving a delta: for packs
 * that git gave up. Holds a mebibyte or two whatever the entries announce. Mostly synchronous, so for a thread.
 */
export async function* scanPack(path: string): AsyncGenerator<ScannedEntry> {
  using file = new WindowedFile(path);
  const count = decodePackHeader(file.read(0, PACK_HEADER_BYTES)) ?? 0;
  const types = new Map<number, ObjectType | null>();
  for (let at = PACK_HEADER_BYTES, left = count; left > 0; left--) {
    const head = readHead(file, at, types);
    const content = head && (await readContent(file, path, head));
    if (!content) return;
    types.set(at, head.type);
    const { endAt } = content;
    yield { ...entryOf(head, content), isEnd: left === 1 && endAt !== null };
    if (endAt === null) return;
    at = endAt;
  }
}

interface Head {
  readonly type: ObjectType | null;
  readonly isDelta: boolean;
  /** Inflated, of the object or of the delta. */
  readonly sizeBytes: number;
  readonly bodyAt: number;
}

interface Content {
  /** The first bytes of a large entry, all of another one. */
  readonly bytes: Buffer;
  readonly sha1: string | null;
  /** Null when it is cut off. */
  readonly endAt: number | null;
}

function readHead(
  file: WindowedFile,
  at: number,
  types: ReadonlyMap<number, ObjectType | null>,
): Head | null {
  const bytes = file.read(at, MAX_HEAD_BYTES);
  const header = decodeEntryHeader(bytes);
  if (!header) return null;
  const { typeCode, sizeBytes, headerBytes } = header;
  const type = objectTypeOfCode(typeCode);
  if (type) return { type, isDelta: false, sizeBytes, bodyAt: at + headerBytes };
  if (typeCode === REF_DELTA) {
    return { type: null, isDelta: true, sizeBytes, bodyAt: at + headerBytes + OID_BYTES };
  }
  const base = typeCode === OFS_DELTA ? distanceIn(bytes.subarray(headerBytes)) : null;
  if (!base) return null;
  const baseType = types.get(at - base.distance) ?? null;
  return { type: baseType, isDelta: true, sizeBytes, bodyAt: at + headerBytes + base.bytes };
}

/** As in `PackFile`: 7 bits in each byte, highest first, and one more for each byte that follows. */
function distanceIn(bytes: Buffer): { readonly distance: number; readonly bytes: number } | null {
  let distance = -1;
  for (const [i, byte] of bytes.entries()) {
    distance = (distance + 1) * 128 + (byte & 0x7f);
    if ((byte & 0x80) === 0) return { distance, bytes: i + 1 };
  }
  return null;
}

async function readContent(file: WindowedFile, path: string, head: Head): Promise<Content | null> {
  return head.sizeBytes <= MAX_WHOLE_BYTES ? readWhole(file, head) : readLarge(path, head);
}

function readWhole(file: WindowedFile, { bodyAt, sizeBytes }: Head): Content | null {
  const chunkSize = Math.max(sizeBytes, MIN_CHUNK_BYTES);
  try {
    const options = { info: true, chunkSize, maxOutputLength: Math.max(sizeBytes, 1) };
    const result: unknown = inflateSync(file.read(bodyAt, mostDeflated(sizeBytes)), options);
    const { buffer, engine } = result as { buffer: Buffer; engine: { bytesWritten: number } };
    if (buffer.length !== sizeBytes) return null;
    return { bytes: buffer, sha1: null, endAt: bodyAt + engine.bytesWritten };
  } catch {
    return null;
  }
}

/** What was read until then counts where it is cut off. */
async function readLarge(path: string, { type, bodyAt, sizeBytes }: Head): Promise<Content | null> {
  const sha1 = createHash('sha1').update(`${type} ${sizeBytes}\0`);
  const inflate = createInflate();
  const source = createReadStream(path, { start: bodyAt });
  pipeline(source, inflate, () => {});
  let begin: Buffer = Buffer.alloc(0);
  let isWhole = false;
  let left = sizeBytes;
  try {
    for await (const piece of inflate as AsyncIterable<Buffer>) {
      if (begin.length < DELTA_HEAD_BYTES)
        begin = Buffer.concat([begin, piece.subarray(0, DELTA_HEAD_BYTES)]);
      sha1.update(piece);
      left -= piece.length;
      if (left < 0) break;
    }
    isWhole = left === 0;
  } catch {
    // It ends in the middle, or is damaged.
  } finally {
    source.destroy();
  }
  const endAt = isWhole ? bodyAt + inflate.bytesWritten : null;
  return { bytes: begin, sha1: isWhole ? sha1.digest('hex') : null, endAt };
}

function entryOf({ type, isDelta, sizeBytes }: Head, { bytes, sha1 }: Content): Omit<ScannedEntry, 'isEnd'> {
  if (isDelta) return { type, sizeBytes: resultOf(bytes) ?? sizeBytes, oid: null, bytes: null };
  if (sizeBytes > MAX_WHOLE_BYTES) return { type, sizeBytes, oid: sha1 as Oid | null, bytes: null };
  const oid = createHash('sha1').update(`${type} ${sizeBytes}\0`).update(bytes).digest('hex') as Oid;
  return { type, sizeBytes, oid, bytes };
}

function resultOf(delta: Buffer): number | null {
  try {
    return readDeltaSizes(delta).resultBytes;
  } catch {
    return null;
  }
}

/** A file that is read by ranges, mostly one behind the other. */
class WindowedFile implements Disposable {
  readonly #fd: number;
  #window: Buffer = Buffer.alloc(0);
  #windowAt = 0;

  constructor(path: string) {
    this.#fd = openSync(path, 'r');
  }

  [Symbol.dispose](): void {
    closeSync(this.#fd);
  }

  /** So many bytes, or what is left of the file. */
  read(offset: number, length: number): Buffer {
    const from = offset - this.#windowAt;
    if (from >= 0 && from + length <= this.#window.length) return this.#window.subarray(from, from + length);
    const window = Buffer.allocUnsafeSlow(Math.max(length, WINDOW_BYTES));
    let done = 0;
    for (let count = 1; count > 0 && done < window.length; done += count) {
      count = readSync(this.#fd, window, done, window.length - done, offset + done);
    }
    this.#window = window.subarray(0, done);
    this.#windowAt = offset;
    return this.#window.subarray(0, length);
  }
}
