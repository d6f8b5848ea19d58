import { createHash } from 'node:crypto';
import { closeSync, createReadStream, fstatSync, openSync, readSync } from 'node:fs';
import { pipeline, Readable } from 'node:stream';
import { createInflate } from 'node:zlib';
import { type BatchHeader, LineReader, parseBatchHeader } from '../../git/batch-output.ts';
import { type ObjectType, hashObject } from '../../git/object.ts';
import { type Oid, OID_BYTES, oidToBytes } from '../../git/oid.ts';
import { deflateEntry, encodeEntryHeader } from '../../git/pack-entry.ts';
import { CorruptPack } from '../../git/pack-index.ts';
import { type PackEntry, PackFile, PackTooHard, type UnpackLimits } from '../../git/pack-file.ts';
import { MAX_PATH_BYTES } from '../../git/path.ts';
import { SegmentFile } from '../../git/segment-file.ts';
import type { Sha256 } from '../../lib/sha256.ts';
import { type ContentInput, ContentReader, type ContentResult } from './push-content.ts';

export interface ImportJob extends ContentInput {
  /** Where the objects are. */
  readonly packPath: string;
  readonly idxPath: string;
  /** Lines of `BATCH_FORMAT`, one for each object. */
  readonly listPath: string;
  readonly objectCount: number;
  readonly segmentPath: string;
  readonly limits: UnpackLimits;
  /** Not 0 when nobody wants the result any more. */
  readonly isOver: Int32Array;
}

export interface ImportedObjects extends ContentResult {
  readonly packBytes: number;
  readonly packSum: Uint8Array<ArrayBuffer>;
  readonly idx: Uint8Array<ArrayBuffer>;
}

/** What an import ends with; it crosses threads, where classes do not survive. */
export type ImportResult =
  | { readonly kind: 'done'; readonly imported: ImportedObjects }
  | { readonly kind: 'too hard'; readonly costs: PackTooHard['costs'] }
  | { readonly kind: 'corrupt'; readonly message: string }
  /** An object of the list is not in the pack. */
  | { readonly kind: 'incomplete' }
  | { readonly kind: 'over' };

/** What a line of the list says, in flat memory: a push may have a million of them, with long paths. */
interface Lines {
  /** Where the line is in the list. */
  readonly positions: Float64Array;
  /** Where the entry is in the pack. */
  readonly offsets: Float64Array;
}

const LINE_FEED = 0x0a;
const LIST_CHUNK_BYTES = 256 * 1024;
const MAX_HELD_LIST_BYTES = 4 * 2 ** 20;
/** Ids, sizes and the longest path that a push may have. Of a commit, this leaves parents out, which nobody needs here. */
const MAX_LINE_BYTES = 128 + MAX_PATH_BYTES;
/** Larger blobs pass through in pieces. */
const MAX_WHOLE_BYTES = 16 * 2 ** 20;

class Over extends Error {}
class Incomplete extends Error {}

/** Makes a segment of the objects of a push, each one whole, and their rows. Blocks: for a thread, or for a few small objects. */
export async function importObjects(job: ImportJob): Promise<ImportResult> {
  try {
    using importer = new Importer(job);
    return { kind: 'done', imported: await importer.run() };
  } catch (error) {
    if (error instanceof PackTooHard) return { kind: 'too hard', costs: error.costs };
    if (error instanceof CorruptPack) return { kind: 'corrupt', message: error.message };
    if (error instanceof Incomplete) return { kind: 'incomplete' };
    if (error instanceof Over) return { kind: 'over' };
    throw error;
  }
}

class Importer implements Disposable {
  readonly #job: ImportJob;
  readonly #stack: DisposableStack;
  readonly #list: ListFile;
  readonly #pack: PackFile;
  readonly #segment: SegmentFile;
  readonly #content: ContentReader;

  constructor(job: ImportJob) {
    this.#job = job;
    using stack = new DisposableStack();
    this.#list = stack.use(new ListFile(job.listPath));
    this.#pack = stack.use(new PackFile(job, job.limits));
    this.#segment = stack.use(new SegmentFile(job.segmentPath, job.objectCount));
    this.#content = stack.use(new ContentReader(job));
    this.#stack = stack.move();
  }

  [Symbol.dispose](): void {
    this.#stack.dispose();
  }

  async run(): Promise<ImportedObjects> {
    const lines = this.locate();
    for (const line of inOrder(lines)) {
      if (Atomics.load(this.#job.isOver, 0) !== 0) throw new Over();
      const header = this.#list.headerAt(lines.positions[line]!);
      const entry = this.#pack.entryAt(lines.offsets[line]!);
      if (entry.baseAt !== null) this.takeDelta(header, entry);
      else if (entry.sizeBytes > MAX_WHOLE_BYTES) await this.takeLarge(header, entry);
      else this.takeWhole(header, entry);
    }
    const { packBytes, packSum, idx } = this.#segment.finish();
    return {
      ...this.#content.finish(),
      packBytes,
      packSum: new Uint8Array(packSum),
      idx: new Uint8Array(idx),
    };
  }

  /** Finds every object of the list in the pack. */
  private locate(): Lines {
    const { objectCount } = this.#job;
    const positions = new Float64Array(objectCount);
    const offsets = new Float64Array(objectCount);
    let count = 0;
    for (const { position, id } of this.#list.ids()) {
      if (count === objectCount) throw new Error('the list of a push has more lines than objects');
      const offset = this.#pack.places.offsetOf(id);
      if (offset === undefined) throw new Incomplete();
      positions[count] = position;
      offsets[count++] = offset;
    }
    if (count !== objectCount) throw new Error('the list of a push has fewer lines than objects');
    return { positions, offsets };
  }

  private takeDelta(header: BatchHeader, entry: PackEntry): void {
    const { type, bytes } = this.#pack.unpack(entry);
    const id = checked(header, type, bytes);
    const deflated = deflateEntry(type, bytes);
    this.#segment.begin(deflated.header);
    this.#segment.body(deflated.body);
    this.#content.take(header, this.#segment.end(id), bytes);
  }

  /** Its deflated bytes stay as they are. */
  private takeWhole(header: BatchHeader, entry: PackEntry): void {
    const bytes = this.#pack.inflate(entry);
    const id = checked(header, entry.type!, bytes);
    this.#segment.begin(encodeEntryHeader(entry.type!, bytes.length));
    this.#segment.body(this.#pack.body(entry));
    this.#content.take(header, this.#segment.end(id), bytes);
  }

  private async takeLarge(header: BatchHeader, entry: PackEntry): Promise<void> {
    const { bodyAt: start, bodyBytes, sizeBytes } = entry;
    if (entry.type !== 'blob' || sizeBytes !== header.sizeBytes) throw wrong(header);
    const sha1 = createHash('sha1').update(`blob ${sizeBytes}\0`);
    const sha256 = createHash('sha256');
    this.#segment.begin(encodeEntryHeader('blob', sizeBytes));
    const body = createReadStream(this.#job.packPath, { start, end: start + bodyBytes - 1 });
    let left = sizeBytes;
    for await (const piece of inflatedPieces(this.copied(body as AsyncIterable<Buffer>))) {
      left -= piece.length;
      if (left < 0) throw wrong(header);
      sha1.update(piece);
      sha256.update(piece);
    }
    if (left !== 0 || sha1.digest('hex') !== header.oid) throw wrong(header);
    const place = this.#segment.end(oidToBytes(header.oid));
    this.#content.takeLarge(header, place, sha256.digest('hex') as Sha256);
  }

  private async *copied(body: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    for await (const piece of body) {
      this.#segment.body(piece);
      yield piece;
    }
  }
}

/** The list of a push's objects. Short ones are in memory, of long ones a line at a time. */
class ListFile implements Disposable {
  readonly #fd: number;
  readonly #sizeBytes: number;
  #held: Buffer = Buffer.alloc(0);
  #heldAt = 0;

  constructor(path: string) {
    this.#fd = openSync(path, 'r');
    this.#sizeBytes = fstatSync(this.#fd).size;
    if (this.#sizeBytes <= MAX_HELD_LIST_BYTES) this.#held = this.read(0, this.#sizeBytes);
  }

  [Symbol.dispose](): void {
    closeSync(this.#fd);
  }

  /** Where each line begins, and the id in it, of 20 bytes. */
  *ids(): Generator<{ position: number; id: Buffer }> {
    const lines = new LineReader();
    let position = 0;
    for (let at = 0; at < this.#sizeBytes; at += LIST_CHUNK_BYTES) {
      for (const line of lines.push(this.read(at, LIST_CHUNK_BYTES))) {
        yield { position, id: Buffer.from(line.toString('latin1', 0, 2 * OID_BYTES), 'hex') };
        position += line.length + 1;
      }
    }
  }

  headerAt(position: number): BatchHeader {
    if (this.#held.length < this.#sizeBytes) {
      this.#held = this.read(position, MAX_LINE_BYTES);
      this.#heldAt = position;
    }
    const begin = position - this.#heldAt;
    const end = this.#held.indexOf(LINE_FEED, begin);
    return parseBatchHeader(this.#held.subarray(begin, end < 0 ? this.#held.length : end));
  }

  private read(position: number, length: number): Buffer {
    const bytes = Buffer.allocUnsafeSlow(Math.min(length, this.#sizeBytes - position));
    for (let done = 0; done < bytes.length;) {
      const count = readSync(this.#fd, bytes, done, bytes.length - done, position + done);
      if (count === 0) throw new Error('the list of a push became shorter');
      done += count;
    }
    return bytes;
  }
}

/** Numbers of lines, from the begin of the pack to its end. */
function inOrder({ offsets }: Lines): Uint32Array {
  return Uint32Array.from(offsets, (_, line) => line).sort((a, b) => offsets[a]! - offsets[b]!);
}

async function* inflatedPieces(body: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const inflate = createInflate();
  pipeline(Readable.from(body), inflate, () => {});
  try {
    yield* inflate as AsyncIterable<Buffer>;
  } catch (error) {
    throw new CorruptPack('the pack entry does not inflate', { cause: error });
  }
}

/** @returns its id. @throws {CorruptPack} when it is another object. */
function checked(header: BatchHeader, type: ObjectType, bytes: Buffer): Buffer {
  if (type !== header.type || bytes.length !== header.sizeBytes || hashObject(type, bytes) !== header.oid)
    throw wrong(header);
  return oidToBytes(header.oid);
}

function wrong({ oid }: { oid: Oid }): CorruptPack {
  return new CorruptPack(`the pack holds another object as ${oid}`);
}
