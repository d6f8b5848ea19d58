import { createHash } from 'node:crypto';
import { type BigIntStats, closeSync, createReadStream, fstatSync, open as openFile } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { link, open, stat, unlink } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { addAbortSignal } from 'node:stream';
import { promisify } from 'node:util';
import { hasErrorCode } from '../lib/error-code.ts';
import { parseSha256 } from '../lib/sha256.ts';
import type { ByteRange } from './byte-range.ts';
import { spanOf } from './byte-range.ts';
import { checkedBody } from './checked-body.ts';
import { DurableFiles, ifPresent, onDisk, syncDirectory, UNLINKABLE } from './directory-files.ts';
import { listDirectory } from './directory-listing.ts';
import { DirectoryMultipart } from './directory-multipart.ts';
import { ObjectMismatch, ObjectNotFound } from './errors.ts';
import { chunksInto, FileStream, readSpan } from './file-stream.ts';
import { saveRead } from './hash-stream.ts';
import { parseObjectKey } from './keys.ts';
import { checkPartNumber } from './multipart-rules.ts';
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
import { SIGNED_PATH, SignedTransfers } from './signed-transfers.ts';
import { TransferBuffers } from './transfer-buffers.ts';
import type { Grant } from './url-signer.ts';
import { UrlSigner } from './url-signer.ts';

const openDescriptor = promisify(openFile);
const HASH_BUFFER_BYTES = 1024 * 1024;
const TEMPORARY_MAX_AGE_MS = 60 * 60 * 1000;
const MULTIPART_MAX_AGE_MS = 7 * 24 * 60 * 60 * 1000;

export interface DirectoryStoreOptions {
  /** Directory of the store; made when missing. All of it must be one file system. */
  readonly root: string;
  /** The hub's public URL: signed URLs start with it. */
  readonly publicBaseUrl: string;
  /** At least 32 random bytes, the same after a restart. */
  readonly secret: Uint8Array;
}

/**
 * Objects as files: `objects/<key>`, with `tmp/` for what is being written and `multipart/` for open uploads.
 * The hub serves its signed URLs through `transfers`.
 */
export class DirectoryObjectStore implements ObjectStore {
  readonly servesDownloads = false;
  readonly transfers: SignedTransfers;
  readonly #objects: string;
  readonly #publicBaseUrl: string;
  readonly #files: DurableFiles;
  readonly #multipart: DirectoryMultipart;
  readonly #signer: UrlSigner;
  readonly #buffers = new TransferBuffers();

  private constructor(root: string, files: DurableFiles, options: DirectoryStoreOptions) {
    this.#objects = join(root, 'objects');
    this.#publicBaseUrl = options.publicBaseUrl.replace(/\/+$/, '');
    this.#files = files;
    this.#multipart = new DirectoryMultipart(join(root, 'multipart'), files);
    this.#signer = new UrlSigner(options.secret);
    this.transfers = new SignedTransfers({
      store: this,
      signer: this.#signer,
      writePart: (grant, body) =>
        onDisk(this.#multipart.putPart(grant.key, grant.uploadId, { number: grant.partNumber, body })),
    });
  }

  /** Opens the store and removes what a crash left: temporary files after an hour, open uploads after a week. */
  static async open(options: DirectoryStoreOptions): Promise<DirectoryObjectStore> {
    const root = resolve(options.root);
    const files = await onDisk(DurableFiles.open(root));
    const store = new DirectoryObjectStore(root, files, options);
    for (const name of ['objects', 'multipart']) await onDisk(files.ensureDirectory(join(root, name)));
    await onDisk(files.sweep(TEMPORARY_MAX_AGE_MS));
    await onDisk(store.#multipart.sweep(MULTIPART_MAX_AGE_MS));
    return store;
  }

  async put(key: ObjectKey, body: ObjectBody, options: PutOptions): Promise<void> {
    const target = this.pathOf(key);
    const staged = await onDisk(this.#files.stage(checkedBody(body, options)));
    await onDisk(this.#files.publish(staged, target));
  }

  async putFile(key: ObjectKey, path: string, options: Pick<PutOptions, 'sizeBytes'>): Promise<void> {
    const staged = await onDisk(this.#files.stageLink(path, options.sizeBytes));
    if (staged === null) return this.put(key, createReadStream(path), options);
    await onDisk(this.#files.publish(staged, this.pathOf(key)));
  }

  async get(key: ObjectKey, options: GetOptions = {}): Promise<ObjectRead> {
    const { range, signal } = options;
    signal?.throwIfAborted();
    const { fd, sizeBytes, span } = await this.openSpan(key, range);
    const body = new FileStream(fd, span, this.#buffers);
    if (signal !== undefined) addAbortSignal(signal, body);
    return { body, sizeBytes, ...span };
  }

  async read(key: ObjectKey, range: ByteRange, signal?: AbortSignal): Promise<Buffer> {
    signal?.throwIfAborted();
    const { fd, span } = await this.openSpan(key, range);
    try {
      return await onDisk(readSpan(fd, span, signal));
    } finally {
      closeSync(fd);
    }
  }

  async saveTo(key: ObjectKey, path: string, signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    try {
      if ((await ifPresent(link(this.pathOf(key), path).then(() => true))) === null)
        throw new ObjectNotFound(key);
    } catch (error) {
      if (!hasErrorCode(error, ...UNLINKABLE)) throw error;
      await saveRead(await this.get(key, signal === undefined ? {} : { signal }), path);
    }
  }

  async stat(key: ObjectKey): Promise<ObjectStat | null> {
    const stats = await onDisk(ifPresent(stat(this.pathOf(key), { bigint: true })));
    if (stats === null || !stats.isFile()) return null;
    return { sizeBytes: Number(stats.size), modifiedAt: stats.mtime, version: versionOf(stats) };
  }

  async delete(key: ObjectKey): Promise<void> {
    const path = this.pathOf(key);
    if ((await onDisk(ifPresent(unlink(path).then(() => path)))) !== null)
      await onDisk(syncDirectory(dirname(path)));
  }

  async list(options: ListOptions): Promise<ObjectPage> {
    return onDisk(listDirectory(this.#objects, options));
  }

  async hash(key: ObjectKey, signal?: AbortSignal): Promise<ObjectDigest> {
    const { handle, stats } = await this.openFile(key);
    try {
      const hash = createHash('sha256');
      const sizeBytes = Number(stats.size);
      const buffer = Buffer.allocUnsafeSlow(HASH_BUFFER_BYTES);
      for await (const chunk of chunksInto(buffer, handle, { offsetBytes: 0, lengthBytes: sizeBytes })) {
        signal?.throwIfAborted();
        hash.update(chunk);
      }
      return { sha256: parseSha256(hash.digest('hex')), sizeBytes, version: versionOf(stats) };
    } finally {
      await handle.close();
    }
  }

  /** Links the upload to a name of our own first, so that what is checked is what is published. */
  async promote(from: ObjectKey, to: ObjectKey, version: string): Promise<void> {
    const [source, target] = [this.pathOf(from), this.pathOf(to)];
    const staged = this.#files.temporaryPath();
    const linked = await onDisk(ifPresent(link(source, staged).then(() => true)));
    if (linked === null) throw new ObjectNotFound(from);
    if (versionOf(await stat(staged, { bigint: true })) !== version) {
      await unlink(staged);
      throw new ObjectMismatch('The upload changed while it was verified. Send the file again.', {
        key: from,
      });
    }
    await onDisk(this.#files.publish(staged, target));
  }

  async presignGet(key: ObjectKey, options: PresignGetOptions): Promise<string> {
    const { expiresInMs, ...rest } = options;
    return this.sign({
      action: 'get',
      key: parseObjectKey(key),
      expiresAt: Date.now() + expiresInMs,
      ...rest,
    });
  }

  async presignPut(key: ObjectKey, options: PresignPutOptions): Promise<string> {
    const { expiresInMs, ...rest } = options;
    return this.sign({
      action: 'put',
      key: parseObjectKey(key),
      expiresAt: Date.now() + expiresInMs,
      ...rest,
    });
  }

  async createMultipart(key: ObjectKey): Promise<string> {
    return onDisk(this.#multipart.create(parseObjectKey(key)));
  }

  async presignPart(key: ObjectKey, options: PresignPartOptions): Promise<string> {
    const { expiresInMs, ...rest } = options;
    checkPartNumber(options.partNumber);
    return this.sign({
      action: 'put-part',
      key: parseObjectKey(key),
      expiresAt: Date.now() + expiresInMs,
      ...rest,
    });
  }

  async listParts(key: ObjectKey, uploadId: string): Promise<readonly StoredPart[]> {
    return onDisk(this.#multipart.list(key, uploadId));
  }

  async completeMultipart(key: ObjectKey, uploadId: string, parts: readonly UploadedPart[]): Promise<void> {
    await onDisk(this.#multipart.complete({ key, uploadId, parts, target: this.pathOf(key) }));
  }

  async abortMultipart(key: ObjectKey, uploadId: string): Promise<void> {
    await onDisk(this.#multipart.abort(key, uploadId));
  }

  async checkHealth(): Promise<void> {
    await unlink(await onDisk(this.#files.stage([Buffer.from('ok')])));
  }

  /** A directory that `open` accepted can do everything. */
  async checkConformance(): Promise<readonly ConformanceFailure[]> {
    return [];
  }

  private pathOf(key: ObjectKey): string {
    return join(this.#objects, parseObjectKey(key));
  }

  private async openSpan(key: ObjectKey, range: ByteRange | undefined) {
    const fd = await onDisk(ifPresent(openDescriptor(this.pathOf(key), 'r')));
    if (fd === null) throw new ObjectNotFound(key);
    try {
      // What is open is in memory, so that this takes no longer than handing it to a thread.
      const stats = fstatSync(fd);
      if (!stats.isFile()) throw new ObjectNotFound(key);
      return { fd, sizeBytes: stats.size, span: spanOf(range, stats.size) };
    } catch (error) {
      closeSync(fd);
      throw error;
    }
  }

  private async openFile(key: ObjectKey): Promise<{ handle: FileHandle; stats: BigIntStats }> {
    const handle = await onDisk(ifPresent(open(this.pathOf(key), 'r')));
    if (handle === null) throw new ObjectNotFound(key);
    const stats = await handle.stat({ bigint: true });
    if (stats.isFile()) return { handle, stats };
    await handle.close();
    throw new ObjectNotFound(key);
  }

  private sign(grant: Grant): string {
    return `${this.#publicBaseUrl}${SIGNED_PATH}?token=${this.#signer.sign(grant)}`;
  }
}

/** A name that is written again gets another inode or another time. */
function versionOf(stats: BigIntStats): string {
  return `${stats.ino}-${stats.mtimeNs}-${stats.size}`;
}
