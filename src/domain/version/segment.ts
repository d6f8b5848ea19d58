import type { ObjectType } from '../../git/object.ts';
import type { Oid } from '../../git/oid.ts';
import type { Pack, PackedObject } from '../../git/pack-writer.ts';
import type { Sha256 } from '../../lib/sha256.ts';
import { type ObjectKey, parseObjectKey, segmentKey } from '../../storage/keys.ts';
import type { LfsPointer } from '../../git/lfs-pointer.ts';
import type { SegmentKind } from './git-segment.entity.ts';

/** Packs up to this size live in PostgreSQL, so that an ordinary commit makes no object store call. */
export const INLINE_SEGMENT_BYTES = 64 * 1024;

/** Blobs up to this size are kept in their row too: small files and every LFS pointer are read without a segment. */
export const INLINE_BLOB_BYTES = 1024;

/** What the object table says about an object beside its place in the pack. */
export interface ObjectFacts {
  /** Content that is kept in the row: always for commits, trees and tags. */
  readonly data: Buffer | null;
  /** Of the content; blobs only. Null for larger ones that came by Git: `BlobService.hashes` reads them when somebody asks. */
  readonly sha256: Sha256 | null;
  readonly lfs: LfsPointer | null;
}

/** What rows say about a segment, wherever its bytes are. */
interface SegmentIndex {
  readonly kind: SegmentKind;
  readonly packSum: Buffer;
  readonly packBytes: number;
  /** In pack order. */
  readonly entries: readonly PackedObject[];
  readonly facts: ReadonlyMap<Oid, ObjectFacts>;
}

/** A segment whose bytes are at hand: they go into its row, or to the object store first. */
export interface HeldSegment extends SegmentIndex {
  readonly storageKey: null;
  readonly pack: Buffer;
  readonly idx: Buffer;
}

/** A segment whose bytes are in the object store. They are not kept: a large commit would hold all its contents. */
export interface StoredSegment extends SegmentIndex {
  /** Key without `.pack` or `.idx`. */
  readonly storageKey: string;
}

export type Segment = HeldSegment | StoredSegment;

/** An object and where it lies, as it goes into `git_object`. */
export interface ObjectRow extends PackedObject, ObjectFacts {}

export const NO_FACTS: ObjectFacts = { data: null, sha256: null, lfs: null };

export function newSegment(
  kind: SegmentKind,
  { pack, idx, packSum, entries }: Pack,
  facts: ReadonlyMap<Oid, ObjectFacts>,
): HeldSegment {
  return { kind, packSum, packBytes: pack.length, entries, facts, storageKey: null, pack, idx };
}

/** The rows of a segment's objects. */
export function objectRows(segment: Segment): ObjectRow[] {
  return segment.entries.map((entry) => ({ ...entry, ...(segment.facts.get(entry.oid) ?? NO_FACTS) }));
}

/** A new place for a segment in the object store. */
export function newSegmentStorageKey(storeId: number): string {
  return segmentKey(storeId, crypto.randomUUID(), 'pack').slice(0, -'.pack'.length);
}

/** The two objects of a stored segment. */
export function segmentObjectKeys(storageKey: string): { pack: ObjectKey; idx: ObjectKey } {
  return { pack: parseObjectKey(`${storageKey}.pack`), idx: parseObjectKey(`${storageKey}.idx`) };
}

/** An object that is about to be packed, with its id and what its row will say. */
export interface NewObject {
  readonly oid: Oid;
  readonly type: ObjectType;
  readonly bytes: Buffer;
  readonly facts: ObjectFacts;
}
