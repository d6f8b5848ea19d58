import { encodeLfsPointer, type LfsPointer, parseLfsPointer } from '../../git/lfs-pointer.ts';
import { hashObject } from '../../git/object.ts';
import type { Oid } from '../../git/oid.ts';
import type { PackedBlobs, PackPool } from '../../git/pack-pool.ts';
import type { Sha256 } from '../../lib/sha256.ts';
import { hash } from 'node:crypto';
import type { SegmentWriter } from './segment-writer.ts';
import { INLINE_BLOB_BYTES, newSegment, type NewObject, type ObjectFacts, type Segment } from './segment.ts';

/** Contents up to this much in one commit travel with the commit's trees, in one inline segment. */
const LOOSE_BYTES = 48 * 1024;
/** One segment of contents: large enough for few objects in the store, small enough for memory. */
const PART_BYTES = 32 * 1024 * 1024;
const PART_BLOBS = 10_000;
/** Parts that are packed or stored at the same time. */
const PARTS_IN_FLIGHT = 2;

/**
 * The contents of one commit, taken in as they arrive and made durable in parts. Nothing here depends on the parent,
 * so none of it is done again when the branch moves meanwhile.
 */
export class CommitContent {
  readonly #packPool: PackPool;
  readonly #writer: SegmentWriter;
  readonly #segments: Segment[] = [];
  readonly #inFlight = new Set<Promise<void>>();
  #part: PendingBlob[] = [];
  #partBytes = 0;
  #failure: unknown;

  constructor(packPool: PackPool, writer: SegmentWriter) {
    this.#packPool = packPool;
    this.#writer = writer;
  }

  /** Adds a file's content; `onOid` learns its id before `finish` resolves. Waits when too much is under way. */
  async add(bytes: Buffer, onOid: (oid: Oid) => void): Promise<void> {
    this.#part.push({ bytes, onOid });
    this.#partBytes += bytes.length;
    if (this.#partBytes >= PART_BYTES || this.#part.length >= PART_BLOBS) await this.flush();
  }

  /** Waits for everything and says what the commit has to publish. */
  async finish(): Promise<{ segments: readonly Segment[]; loose: readonly NewObject[] }> {
    const isSmall =
      this.#segments.length === 0 && this.#inFlight.size === 0 && this.#partBytes <= LOOSE_BYTES;
    if (isSmall && this.#part.length <= 50) return { segments: [], loose: this.#part.map(looseObject) };
    await this.flush();
    await Promise.all(this.#inFlight);
    this.rethrow();
    return { segments: this.#segments, loose: [] };
  }

  /** Waits until nothing is under way any more, whatever became of it. */
  async abandon(): Promise<void> {
    await Promise.allSettled(this.#inFlight);
  }

  private async flush(): Promise<void> {
    const blobs = this.#part;
    this.#part = [];
    this.#partBytes = 0;
    if (blobs.length === 0) return;
    while (this.#inFlight.size >= PARTS_IN_FLIGHT) await Promise.race(this.#inFlight);
    this.rethrow();
    const work: Promise<void> = this.store(blobs)
      .catch((error: unknown) => {
        this.#failure ??= error;
      })
      .finally(() => this.#inFlight.delete(work));
    this.#inFlight.add(work);
  }

  private async store(blobs: readonly PendingBlob[]): Promise<void> {
    const packed = await this.#packPool.packBlobs(blobs.map((blob) => blob.bytes));
    for (const [index, blob] of blobs.entries()) blob.onOid(packed.oids[index]!);
    this.#segments.push(await this.#writer.makeDurable(blobSegment(packed, blobs)));
  }

  private rethrow(): void {
    if (this.#failure !== undefined) throw this.#failure;
  }
}

interface PendingBlob {
  readonly bytes: Buffer;
  readonly onOid: (oid: Oid) => void;
}

function blobSegment(packed: PackedBlobs, blobs: readonly PendingBlob[]): Segment {
  const facts = new Map<Oid, ObjectFacts>();
  for (const [index, blob] of blobs.entries()) {
    facts.set(packed.oids[index]!, blobFacts(blob.bytes, packed.sha256s[index]!));
  }
  return newSegment('blobs', packed, facts);
}

function looseObject({ bytes, onOid }: PendingBlob): NewObject {
  const object = newBlob(bytes);
  onOid(object.oid);
  return object;
}

/** A blob that is packed together with the trees of its commit. */
export function newBlob(bytes: Buffer): NewObject {
  const sha256 = hash('sha256', bytes, 'hex') as Sha256;
  return { oid: hashObject('blob', bytes), type: 'blob', bytes, facts: blobFacts(bytes, sha256) };
}

/** The pointer file of an LFS object. */
export function newPointer(pointer: LfsPointer): NewObject {
  return newBlob(encodeLfsPointer(pointer));
}

function blobFacts(bytes: Buffer, sha256: Sha256): ObjectFacts {
  const isSmall = bytes.length <= INLINE_BLOB_BYTES;
  return { data: isSmall ? Buffer.from(bytes) : null, sha256, lfs: isSmall ? parseLfsPointer(bytes) : null };
}
