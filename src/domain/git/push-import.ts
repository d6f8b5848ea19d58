import type { BatchHeader } from '../../git/batch-output.ts';
import { type ObjectType, hashObject } from '../../git/object.ts';
import { type Oid, oidToBytes } from '../../git/oid.ts';
import { deflateEntry, encodeEntryHeader } from '../../git/pack-entry.ts';
import { type PackEntry, PackFile, PackTooHard, type UnpackLimits } from '../../git/pack-file.ts';
import { CorruptPack, type PackPlace } from '../../git/pack-index.ts';
import { SegmentFile } from '../../git/segment-file.ts';
import { type ContentInput, ContentReader, type ContentResult, isRead } from './push-content.ts';
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

class Over extends Error {}

/** Makes a segment of the objects of a push, each one whole, and their rows. Blocks: for a thread, or for a few small objects. */
export function importObjects(job: ImportJob): ImportResult {
  try {
    using importer = new Importer(job);
    return { kind: 'done', imported: importer.run() };
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

  run(): ImportedObjects {
    for (const [i, offset] of this.#objects.offsets.entries()) {
      if (Atomics.load(this.#job.isOver, 0) !== 0) throw new Over();
      const header = this.#objects.headerAt(i);
      const entry = this.#pack.entryAt(offset);
      if (entry.baseAt !== null) this.takeDelta(header, entry);
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

  /** Its deflated bytes stay as they are: git has found the id of what they hold, and noted their checksum with it. */
  private takeWhole(header: BatchHeader, entry: PackEntry): void {
    const { oid, type, sizeBytes } = header;
    if (type !== entry.type || sizeBytes !== entry.sizeBytes || !this.#pack.isIntact(entry, oid))
      throw wrong(header);
    const place = this.placed(header, entry);
    if (isRead(header)) this.#content.take(header, place, this.#pack.inflate(entry));
    else this.#content.takeUnread(header, place);
  }

  private placed({ oid, type, sizeBytes }: BatchHeader, entry: PackEntry): PackPlace {
    if (!this.#segment) return placeOf(entry);
    this.#segment.begin(encodeEntryHeader(type, sizeBytes));
    for (const piece of this.#pack.bodyPieces(entry)) this.#segment.body(piece);
    return this.#segment.end(oidToBytes(oid));
  }
}

function placeOf({ offset, bodyAt, bodyBytes }: PackEntry): PackPlace {
  return { offset, packedBytes: bodyAt + bodyBytes - offset };
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
