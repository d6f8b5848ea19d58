import type { Readable } from 'node:stream';
import type { Sha256 } from '../lib/sha256.ts';
import type { ByteRange } from './byte-range.ts';
import type { ObjectKey } from './keys.ts';

export type { ByteRange } from './byte-range.ts';
export type { ObjectKey, ObjectPrefix } from './keys.ts';

/** Bytes to store: all at once, or a stream (a `Readable` is one) that is read at the pace of the store. */
export type ObjectBody = Uint8Array | AsyncIterable<Uint8Array>;

export interface PutOptions {
  /** Exact length of the body. A longer or a shorter body is refused. */
  readonly sizeBytes: number;
  /** When given, other bytes are refused. */
  readonly sha256?: Sha256;
  readonly signal?: AbortSignal;
}

export interface GetOptions {
  readonly range?: ByteRange;
  readonly signal?: AbortSignal;
}

/** An open object. The reader must drain or destroy `body`. */
export interface ObjectRead {
  readonly body: Readable;
  /** Size of the whole object, also when only a range is read. */
  readonly sizeBytes: number;
  /** Where `body` starts inside the object. */
  readonly offsetBytes: number;
  /** Number of bytes in `body`. */
  readonly lengthBytes: number;
}

export interface ObjectStat {
  readonly sizeBytes: number;
  readonly modifiedAt: Date;
  /** Opaque. Differs when the key was written again. */
  readonly version: string;
}

/** What the store really holds, read back and hashed by the hub. */
export interface ObjectDigest {
  readonly sha256: Sha256;
  readonly sizeBytes: number;
  /** The version that was hashed; give it to `promote` so that nothing else can be promoted. */
  readonly version: string;
}

export interface ListOptions {
  readonly prefix: string;
  /** `nextCursor` of the page before. */
  readonly cursor?: string;
  /** 1 to 1000, default 1000. */
  readonly limit?: number;
}

export interface ListedObject {
  readonly key: ObjectKey;
  readonly sizeBytes: number;
  readonly modifiedAt: Date;
}

export interface ObjectPage {
  /** Sorted by key. */
  readonly objects: readonly ListedObject[];
  /** Null on the last page. */
  readonly nextCursor: string | null;
}

export interface PresignGetOptions {
  readonly expiresInMs: number;
  /** Sent back as `Content-Disposition: attachment` with this name. */
  readonly filename?: string;
  readonly contentType?: string;
  /** The URL serves these bytes alone, and only to a request with exactly this `Range` header (`rangeHeader`). */
  readonly range?: { readonly start: number; readonly end: number };
}

export interface PresignPutOptions {
  readonly expiresInMs: number;
  /** The URL accepts a body of exactly this length. */
  readonly sizeBytes: number;
  /** Checked by stores that can (`directory`). S3 cannot bind it to a URL, so hash uploads before use. */
  readonly sha256?: Sha256;
}

export interface PresignPartOptions {
  readonly uploadId: string;
  /** 1 to 10,000. */
  readonly partNumber: number;
  readonly sizeBytes: number;
  readonly expiresInMs: number;
}

/** One part as the store named it: `etag` keeps its quotes. */
export interface UploadedPart {
  readonly partNumber: number;
  readonly etag: string;
}

export interface StoredPart extends UploadedPart {
  readonly sizeBytes: number;
}

/** Something that the hub needs and the store does not do. */
export interface ConformanceFailure {
  /** What was tried. */
  readonly check: string;
  readonly reason: string;
}

/**
 * Durable bytes under immutable keys. Every key is written once: when its bytes differ, its key differs.
 *
 * Failures are `ObjectNotFound`, `ObjectMismatch`, `RangeNotSatisfiable`, `StorageFull` and
 * `StorageUnavailable` of `errors.ts`; an aborted signal rejects with an `AbortError`. The contract suite in
 * `test/contract/object-store.suite.ts` says the rest.
 */
export interface ObjectStore {
  /** True when signed download URLs are served by another machine, so that a redirect relieves the hub. */
  readonly servesDownloads: boolean;

  /**
   * Stores a new object; it is durable when this resolves, and invisible until size and hash are verified.
   * A key that already holds an object of the same size counts as success; one of another size is a mismatch.
   */
  put(key: ObjectKey, body: ObjectBody, options: PutOptions): Promise<void>;
  /**
   * The same with the bytes of a local file that nobody writes to any more: where it can, the store shares them. The file stays the
   * caller's, and may be removed afterwards.
   */
  putFile(key: ObjectKey, path: string, options: Pick<PutOptions, 'sizeBytes'>): Promise<void>;
  get(key: ObjectKey, options?: GetOptions): Promise<ObjectRead>;
  /** A small range as one buffer. */
  read(key: ObjectKey, range: ByteRange, signal?: AbortSignal): Promise<Buffer>;
  /**
   * Copies the whole object into a new local file, which nobody may write to: where it can, the store shares its own bytes.
   * The file need not survive a crash. A failure leaves no file.
   */
  saveTo(key: ObjectKey, path: string, signal?: AbortSignal): Promise<void>;
  stat(key: ObjectKey): Promise<ObjectStat | null>;
  /** Idempotent. */
  delete(key: ObjectKey): Promise<void>;
  list(options: ListOptions): Promise<ObjectPage>;
  /** Reads the stored bytes back and hashes them. */
  hash(key: ObjectKey, signal?: AbortSignal): Promise<ObjectDigest>;
  /**
   * Gives a verified upload its final key, without a second transfer. `version` is the one that was hashed: an object
   * that changed since is a mismatch. A target of the same size counts as success. The upload stays until it is
   * deleted, so that a promotion can be tried again.
   */
  promote(from: ObjectKey, to: ObjectKey, version: string): Promise<void>;

  presignGet(key: ObjectKey, options: PresignGetOptions): Promise<string>;
  /** The URL takes a plain `PUT` without further headers than `Content-Length`. */
  presignPut(key: ObjectKey, options: PresignPutOptions): Promise<string>;

  /** Opens a multipart upload and returns its id. */
  createMultipart(key: ObjectKey): Promise<string>;
  /** The URL takes one part by plain `PUT`; the answer carries its `ETag`. */
  presignPart(key: ObjectKey, options: PresignPartOptions): Promise<string>;
  /** What has arrived, in order of part number. */
  listParts(key: ObjectKey, uploadId: string): Promise<readonly StoredPart[]>;
  /** Makes the object of the named parts visible. Parts must be in ascending order; others are dropped. */
  completeMultipart(key: ObjectKey, uploadId: string, parts: readonly UploadedPart[]): Promise<void>;
  /** Idempotent. Frees all parts. */
  abortMultipart(key: ObjectKey, uploadId: string): Promise<void>;

  /** Rejects with `StorageUnavailable` when the store cannot serve. */
  checkHealth(): Promise<void>;
  /** Tries everything that the hub relies on and names what does not work. For the start of the hub. */
  checkConformance(): Promise<readonly ConformanceFailure[]>;
}
