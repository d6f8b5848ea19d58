import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { pipeline, Readable } from 'node:stream';
import { createInflate } from 'node:zlib';
import type { BatchHeader } from '../../git/batch-output.ts';
import { type ObjectType, hashObject } from '../../git/object.ts';
import { type Oid, oidToBytes } from '../../git/oid.ts';
import { deflateEntry, encodeEntryHeader } from '../../git/pack-entry.ts';
import { type PackEntry, PackFile, PackTooHard, type UnpackLimits } from '../../git/pack-file.ts';
import { CorruptPack, type PackPlace } from '../../git/pack-index.ts';
import { SegmentFile } from '../../git/segment-file.ts';
import type { Sha256 } from '../../lib/sha256.ts';
import { type ContentInput, ContentReader, type ContentResult } from './push-content.ts';
import {
  Incomplete,
  inPackOrder,
  type ObjectList,
  type ObjectsInOrder,
  type ObjectTable,
} from './push-found.ts';

export interface ImportJob extends ContentInput {
  /** Where the objects are. */
  readonly packPath: string;
  readonly idxPath: string;
  readonly objects: ObjectTable | ObjectList;
  /** Gets a pack of these objects; null when they stay where they are, because all of them are whole there. */
  readonly segmentPath: string | null;
  readonly limits: UnpackLimits;
  /** Not 0 when nobody wants the result any more. */
  readonly isOver: Int32Array;
}

export interface ImportedObjects extends ContentResult {
  /** Of the pack that was written, if one was. */
  readonly segment: ImportedSegment | null;
}

interface ImportedSegment {
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

/** Larger blobs pass through in pieces. */
const MAX_WHOLE_BYTES = 16 * 2 ** 20;

class Over extends Error {}

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
  readonly #pack: PackFile;
  readonly #objects: ObjectsInOrder;
  /** Null when the pack stays as it is. */
  readonly #segment: SegmentFile | null;
  readonly #content: ContentReader;

  constructor(job: ImportJob) {
    this.#job = job;
    using stack = new DisposableStack();
    this.#pack = stack.use(new PackFile(job, job.limits));
    this.#objects = stack.use(inPackOrder(job.objects, this.#pack.places));
    const { length } = this.#objects.offsets;
    this.#segment = job.segmentPath === null ? null : stack.use(new SegmentFile(job.segmentPath, length));
    this.#content = stack.use(new ContentReader(job));
    this.#stack = stack.move();
  }

  [Symbol.dispose](): void {
    this.#stack.dispose();
  }

  async run(): Promise<ImportedObjects> {
    for (const [i, offset] of this.#objects.offsets.entries()) {
      if (Atomics.load(this.#job.isOver, 0) !== 0) throw new Over();
      const header = this.#objects.headerAt(i);
      const entry = this.#pack.entryAt(offset);
      if (entry.baseAt !== null) this.takeDelta(header, entry);
      else if (entry.sizeBytes > MAX_WHOLE_BYTES) await this.takeLarge(header, entry);
      else this.takeWhole(header, entry);
    }
    return { ...this.#content.finish(), segment: this.segment() };
  }

  private segment(): ImportedSegment | null {
    if (!this.#segment) return null;
    const { packBytes, packSum, idx } = this.#segment.finish();
    return { packBytes, packSum: new Uint8Array(packSum), idx: new Uint8Array(idx) };
  }

  private takeDelta(header: BatchHeader, entry: PackEntry): void {
    if (!this.#segment) throw new Error(`the object ${header.oid} is not whole in its pack`);
    const { type, bytes } = this.#pack.unpack(entry);
    const id = checked(header, type, bytes);
    const deflated = deflateEntry(type, bytes);
    this.#segment.begin(deflated.header);
    this.#segment.body(deflated.body);
    this.#content.take(header, this.#segment.end(id), bytes);
  }

  /** Its deflated bytes stay as they are. */
  private takeWhole(header: BatchHeader, entry: PackEntry): void {
    if (!this.#segment) return this.takeHere(header, entry);
    const bytes = this.#pack.inflate(entry);
    const id = checked(header, entry.type!, bytes);
    this.#segment.begin(encodeEntryHeader(entry.type!, bytes.length));
    this.#segment.body(this.#pack.body(entry));
    this.#content.take(header, this.#segment.end(id), bytes);
  }

  /** Git has found the id of these bytes, and noted their checksum with it. */
  private takeHere(header: BatchHeader, entry: PackEntry): void {
    const { oid, type, sizeBytes } = header;
    if (type !== entry.type || sizeBytes !== entry.sizeBytes || !this.#pack.isIntact(entry, oid))
      throw wrong(header);
    this.#content.take(header, placeOf(entry), this.#pack.inflate(entry));
  }

  private async takeLarge(header: BatchHeader, entry: PackEntry): Promise<void> {
    const { bodyAt: start, bodyBytes, sizeBytes } = entry;
    if (entry.type !== 'blob' || sizeBytes !== header.sizeBytes) throw wrong(header);
    const sha1 = createHash('sha1').update(`blob ${sizeBytes}\0`);
    const sha256 = createHash('sha256');
    this.#segment?.begin(encodeEntryHeader('blob', sizeBytes));
    const body = createReadStream(this.#job.packPath, { start, end: start + bodyBytes - 1 });
    let left = sizeBytes;
    for await (const piece of inflatedPieces(this.copied(body as AsyncIterable<Buffer>))) {
      left -= piece.length;
      if (left < 0) throw wrong(header);
      sha1.update(piece);
      sha256.update(piece);
    }
    if (left !== 0 || sha1.digest('hex') !== header.oid) throw wrong(header);
    const place = this.#segment?.end(oidToBytes(header.oid)) ?? placeOf(entry);
    this.#content.takeLarge(header, place, sha256.digest('hex') as Sha256);
  }

  private async *copied(body: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    for await (const piece of body) {
      this.#segment?.body(piece);
      yield piece;
    }
  }
}

function placeOf({ offset, bodyAt, bodyBytes }: PackEntry): PackPlace {
  return { offset, packedBytes: bodyAt + bodyBytes - offset };
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
