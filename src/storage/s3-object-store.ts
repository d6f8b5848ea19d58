import { createReadStream } from 'node:fs';
import type { Readable } from 'node:stream';
import { addAbortSignal } from 'node:stream';
import type { GetObjectCommandOutput, S3Client } from '@aws-sdk/client-s3';
import {
  AbortMultipartUploadCommand,
  CreateBucketCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { attachment } from './attachment.ts';
import type { ByteRange } from './byte-range.ts';
import { rangeHeader, spanOf } from './byte-range.ts';
import { takenByAnotherSize } from './checked-body.ts';
import { ObjectMismatch, ObjectNotFound, StorageUnavailable } from './errors.ts';
import { bufferRead, hashRead, saveRead } from './hash-stream.ts';
import { parseObjectKey } from './keys.ts';
import { checkPartNumber, checkPartOrder } from './multipart-rules.ts';
import type {
  ConformanceFailure,
  GetOptions,
  ListOptions,
  ObjectBody,
  ObjectDigest,
  ObjectKey,
  ObjectPage,
  ObjectRead,
  ObjectStat,
  ObjectStore,
  PresignGetOptions,
  PresignPartOptions,
  PresignPutOptions,
  PutOptions,
  StoredPart,
  UploadedPart,
} from './object-store.ts';
import type { S3StoreOptions } from './s3-client.ts';
import { internalClient, signingClient } from './s3-client.ts';
import { findConformanceFailures } from './s3-conformance.ts';
import { copyObject } from './s3-copy.ts';
import { isConditionFailed, isMissing, onS3, s3Status, storeError } from './s3-errors.ts';
import type { S3Target } from './s3-multipart.ts';
import { completion, startMultipart, storedParts } from './s3-multipart.ts';
import { abortable, putObject } from './s3-put.ts';

const MAX_PAGE = 1000;
/** Signature version 4 allows no more than a week. */
const MAX_EXPIRY_SECONDS = 7 * 24 * 60 * 60;
/** Bound to the URL, so that the store refuses a body of another length. */
const SIGNED_HEADERS = new Set(['host', 'content-length']);

/**
 * Objects in one bucket of an S3-compatible store. Two clients: one for the hub's own requests, one that signs URLs
 * for the host that clients reach.
 *
 * A presigned PUT carries no checksum: clients send no headers, and S3 ignores a checksum in the query string. The
 * length is signed; the content is what `hash` says afterwards.
 */
export class S3ObjectStore implements ObjectStore {
  readonly servesDownloads = true;
  readonly #bucket: string;
  readonly #createOnly: boolean;
  readonly #client: S3Client;
  readonly #signing: S3Client;

  constructor(options: S3StoreOptions) {
    this.#bucket = options.bucket;
    this.#createOnly = options.conditionalWrites ?? true;
    this.#client = internalClient(options);
    this.#signing = signingClient(options);
  }

  /** Connects, and rejects with `StorageUnavailable` when the bucket is not there. */
  static async open(options: S3StoreOptions): Promise<S3ObjectStore> {
    const store = new S3ObjectStore(options);
    await store.checkHealth();
    return store;
  }

  /** Makes the bucket when it is missing; for development. */
  async createBucket(): Promise<void> {
    try {
      await this.#client.send(new CreateBucketCommand({ Bucket: this.#bucket }));
    } catch (error) {
      if (s3Status(error) !== 409) throw storeError(this.#bucket, error);
    }
  }

  /** Closes the connections. */
  close(): void {
    this.#client.destroy();
    this.#signing.destroy();
  }

  async put(key: ObjectKey, body: ObjectBody, options: PutOptions): Promise<void> {
    const target = this.target(key);
    if (!this.#createOnly && (await this.isTaken(key, options.sizeBytes))) return;
    try {
      await putObject(target, body, { ...options, createOnly: this.#createOnly });
    } catch (error) {
      if (!isConditionFailed(error)) throw error;
      if (!(await this.isTaken(key, options.sizeBytes))) throw storeError(key, error);
    }
  }

  async putFile(key: ObjectKey, path: string, options: Pick<PutOptions, 'sizeBytes'>): Promise<void> {
    await this.put(key, createReadStream(path), options);
  }

  async get(key: ObjectKey, options: GetOptions = {}): Promise<ObjectRead> {
    return (await this.open(key, options)).read;
  }

  async read(key: ObjectKey, range: ByteRange, signal?: AbortSignal): Promise<Buffer> {
    const { read } = await this.open(key, signal === undefined ? { range } : { range, signal });
    return onS3(key, bufferRead(read));
  }

  async saveTo(key: ObjectKey, path: string, signal?: AbortSignal): Promise<void> {
    const { read } = await this.open(key, signal === undefined ? {} : { signal });
    await onS3(key, saveRead(read, path));
  }

  async stat(key: ObjectKey): Promise<ObjectStat | null> {
    try {
      const head = await this.#client.send(new HeadObjectCommand(this.address(key)));
      return {
        sizeBytes: head.ContentLength ?? 0,
        modifiedAt: head.LastModified ?? new Date(0),
        version: head.ETag ?? '',
      };
    } catch (error) {
      if (isMissing(error)) return null;
      throw storeError(key, error);
    }
  }

  async delete(key: ObjectKey): Promise<void> {
    try {
      await this.#client.send(new DeleteObjectCommand(this.address(key)));
    } catch (error) {
      if (!isMissing(error)) throw storeError(key, error);
    }
  }

  async list(options: ListOptions): Promise<ObjectPage> {
    const command = new ListObjectsV2Command({
      Bucket: this.#bucket,
      Prefix: options.prefix,
      MaxKeys: Math.min(options.limit ?? MAX_PAGE, MAX_PAGE),
      ...(options.cursor !== undefined && { StartAfter: options.cursor }),
    });
    const page = await onS3(options.prefix, this.#client.send(command));
    const objects = (page.Contents ?? []).map((found) => ({
      key: parseObjectKey(found.Key ?? ''),
      sizeBytes: found.Size ?? 0,
      modifiedAt: found.LastModified ?? new Date(0),
    }));
    return { objects, nextCursor: page.IsTruncated === true ? (objects.at(-1)?.key ?? null) : null };
  }

  async hash(key: ObjectKey, signal?: AbortSignal): Promise<ObjectDigest> {
    const { read, version } = await this.open(key, signal === undefined ? {} : { signal });
    return onS3(key, hashRead(read, version));
  }

  /** Keys name their content, so a concurrent promotion copies the same bytes. */
  async promote(from: ObjectKey, to: ObjectKey, version: string): Promise<void> {
    const source = await this.stat(from);
    if (source === null) throw new ObjectNotFound(from);
    if (source.version !== version) throw changedWhileVerified(from);
    if (!(await this.isTaken(to, source.sizeBytes))) await this.copy(from, to, source);
  }

  async presignGet(key: ObjectKey, options: PresignGetOptions): Promise<string> {
    const { filename, contentType, range, expiresInMs } = options;
    const command = new GetObjectCommand({
      ...this.address(key),
      ...(range !== undefined && { Range: rangeHeader(range) }),
      ...(filename !== undefined && { ResponseContentDisposition: attachment(filename) }),
      ...(contentType !== undefined && { ResponseContentType: contentType }),
    });
    return getSignedUrl(this.#signing, command, {
      ...expiry(expiresInMs),
      ...(range !== undefined && { signableHeaders: new Set(['host', 'range']) }),
    });
  }

  async presignPut(key: ObjectKey, options: PresignPutOptions): Promise<string> {
    const command = new PutObjectCommand({ ...this.address(key), ContentLength: options.sizeBytes });
    return getSignedUrl(this.#signing, command, expiry(options.expiresInMs));
  }

  async createMultipart(key: ObjectKey): Promise<string> {
    return onS3(key, startMultipart(this.target(key)));
  }

  async presignPart(key: ObjectKey, options: PresignPartOptions): Promise<string> {
    checkPartNumber(options.partNumber);
    const command = new UploadPartCommand({
      ...this.address(key),
      UploadId: options.uploadId,
      PartNumber: options.partNumber,
      ContentLength: options.sizeBytes,
    });
    return getSignedUrl(this.#signing, command, expiry(options.expiresInMs));
  }

  async listParts(key: ObjectKey, uploadId: string): Promise<readonly StoredPart[]> {
    return onS3(key, storedParts(this.target(key), uploadId));
  }

  async completeMultipart(key: ObjectKey, uploadId: string, parts: readonly UploadedPart[]): Promise<void> {
    checkPartOrder(parts);
    await onS3(key, this.#client.send(completion(this.target(key), { uploadId, parts })));
  }

  async abortMultipart(key: ObjectKey, uploadId: string): Promise<void> {
    try {
      await this.#client.send(new AbortMultipartUploadCommand({ ...this.address(key), UploadId: uploadId }));
    } catch (error) {
      if (!isMissing(error)) throw storeError(key, error);
    }
  }

  async checkHealth(): Promise<void> {
    try {
      await this.#client.send(new HeadBucketCommand({ Bucket: this.#bucket }));
    } catch (error) {
      const message = `The object store does not serve the bucket "${this.#bucket}".`;
      throw new StorageUnavailable(message, { bucket: this.#bucket }, { cause: error });
    }
  }

  /** Tries everything that the hub relies on, with objects under `uploads/` that it deletes, and names what fails. */
  async checkConformance(): Promise<readonly ConformanceFailure[]> {
    return findConformanceFailures({ store: this, client: this.#client, bucket: this.#bucket });
  }

  private async open(key: ObjectKey, options: GetOptions): Promise<{ read: ObjectRead; version: string }> {
    const { range, signal } = options;
    const command = new GetObjectCommand({
      ...this.address(key),
      ...(range !== undefined && { Range: rangeHeader(range) }),
    });
    let output: GetObjectCommandOutput;
    try {
      output = await this.#client.send(command, abortable(signal));
    } catch (error) {
      if (s3Status(error) === 416) spanOf(range, (await this.stat(key))?.sizeBytes ?? 0);
      throw storeError(key, error);
    }
    const body = output.Body as Readable;
    try {
      const sizeBytes = totalBytes(output);
      const span = spanOf(range, sizeBytes);
      if (span.lengthBytes !== output.ContentLength)
        throw new StorageUnavailable('The object store ignores ranges.');
      if (signal !== undefined) addAbortSignal(signal, body);
      return { read: { body, sizeBytes, ...span }, version: output.ETag ?? '' };
    } catch (error) {
      body.destroy();
      throw error;
    }
  }

  private async copy(from: ObjectKey, to: ObjectKey, source: ObjectStat): Promise<void> {
    const { sizeBytes, version } = source;
    try {
      await copyObject(this.target(to), { key: from, sizeBytes, version });
    } catch (error) {
      if (s3Status(error) === 412) throw changedWhileVerified(from);
      throw storeError(from, error);
    }
  }

  /** True when the key holds an object of this size; `ObjectMismatch` when it holds one of another size. */
  private async isTaken(key: ObjectKey, sizeBytes: number): Promise<boolean> {
    const stored = await this.stat(key);
    if (stored === null) return false;
    if (stored.sizeBytes !== sizeBytes) throw takenByAnotherSize(sizeBytes, stored.sizeBytes);
    return true;
  }

  private address(key: ObjectKey): { Bucket: string; Key: string } {
    return { Bucket: this.#bucket, Key: parseObjectKey(key) };
  }

  private target(key: ObjectKey): S3Target {
    return { client: this.#client, bucket: this.#bucket, key: parseObjectKey(key) };
  }
}

/** Size of the whole object: the last number of `Content-Range`, or the length of a full answer. */
function totalBytes(output: GetObjectCommandOutput): number {
  const total = /\/(\d+)$/.exec(output.ContentRange ?? '')?.[1];
  return total === undefined ? (output.ContentLength ?? 0) : Number(total);
}

function expiry(expiresInMs: number): { expiresIn: number; signableHeaders: Set<string> } {
  const seconds = Math.max(1, Math.min(MAX_EXPIRY_SECONDS, Math.ceil(expiresInMs / 1000)));
  return { expiresIn: seconds, signableHeaders: SIGNED_HEADERS };
}

function changedWhileVerified(key: ObjectKey): ObjectMismatch {
  return new ObjectMismatch('The upload changed while it was verified. Send the file again.', { key });
}
