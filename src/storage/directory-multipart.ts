import type { Hash } from 'node:crypto';
import { createHash, randomUUID } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';
import { open, readdir, readFile, rename, rm, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { hasErrorCode } from '../lib/error-code.ts';
import type { DurableFiles } from './directory-files.ts';
import { ifPresent, removeOlder, syncDirectory } from './directory-files.ts';
import { ObjectMismatch, ObjectNotFound } from './errors.ts';
import { chunksInto } from './file-stream.ts';
import { checkPartNumber, checkPartOrder, sameEtag } from './multipart-rules.ts';
import type { ObjectKey, StoredPart, UploadedPart } from './object-store.ts';

const KEY_FILE = 'key';
const HASH_BYTES = 32;
const COPY_BYTES = 1024 * 1024;
const UPLOAD_ID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/**
 * Multipart uploads of the directory store. Each upload is a directory with a file `key` and one file per part: the
 * bytes of the part followed by their sha256 (32 bytes). So a part and its ETag are replaced by one rename.
 */
export class DirectoryMultipart {
  readonly #root: string;
  readonly #files: DurableFiles;

  constructor(root: string, files: DurableFiles) {
    this.#root = root;
    this.#files = files;
  }

  async create(key: ObjectKey): Promise<string> {
    const uploadId = randomUUID();
    const staged = await this.#files.stage([Buffer.from(key)]);
    await this.#files.publish(staged, join(this.#root, uploadId, KEY_FILE));
    return uploadId;
  }

  /** Stores one part, in place of an earlier one of the same number, and returns its ETag with quotes. */
  async putPart(
    key: ObjectKey,
    uploadId: string,
    part: { number: number; body: AsyncIterable<Uint8Array> },
  ): Promise<string> {
    checkPartNumber(part.number);
    const directory = await this.open(key, uploadId);
    const hash = createHash('sha256');
    const staged = await this.#files.stage(withFooter(part.body, hash));
    try {
      await rename(staged, join(directory, fileName(part.number)));
    } catch (error) {
      await unlink(staged);
      throw hasErrorCode(error, 'ENOENT') ? new ObjectNotFound(key, { cause: error }) : error;
    }
    await orGone(key, syncDirectory(directory));
    return etagOf(hash.digest());
  }

  async list(key: ObjectKey, uploadId: string): Promise<readonly StoredPart[]> {
    return orGone(key, storedParts(await this.open(key, uploadId)));
  }

  /** Joins the parts in a temporary file, with the memory of one buffer, and publishes it. */
  async complete(upload: {
    key: ObjectKey;
    uploadId: string;
    parts: readonly UploadedPart[];
    target: string;
  }): Promise<void> {
    const { key, uploadId, parts, target } = upload;
    const directory = await this.open(key, uploadId);
    checkPartOrder(parts);
    const stored = new Map((await this.list(key, uploadId)).map((part) => [part.partNumber, part.etag]));
    for (const { partNumber, etag } of parts)
      if (!sameEtag(stored.get(partNumber), etag)) throw wrongPart(partNumber);
    const staged = await orGone(key, this.#files.stage(joinedParts(directory, parts)));
    await this.#files.publish(staged, target);
    await this.remove(uploadId);
  }

  async abort(key: ObjectKey, uploadId: string): Promise<void> {
    try {
      await this.open(key, uploadId);
    } catch (error) {
      if (error instanceof ObjectNotFound) return;
      throw error;
    }
    await this.remove(uploadId);
  }

  /** Removes uploads that nothing was added to for that long. */
  async sweep(olderThanMs: number): Promise<void> {
    await removeOlder(this.#root, olderThanMs);
  }

  /** The upload's directory; `ObjectNotFound` unless the upload exists and was made for this key. */
  private async open(key: ObjectKey, uploadId: string): Promise<string> {
    if (!UPLOAD_ID.test(uploadId)) throw new ObjectNotFound(key);
    const directory = join(this.#root, uploadId);
    if ((await ifPresent(readFile(join(directory, KEY_FILE), 'latin1'))) !== key)
      throw new ObjectNotFound(key);
    return directory;
  }

  /** One rename takes the upload away, so that a part which is still arriving finds no directory. */
  private async remove(uploadId: string): Promise<void> {
    const trash = this.#files.temporaryPath();
    await ifPresent(rename(join(this.#root, uploadId), trash));
    await rm(trash, { recursive: true, force: true });
  }
}

/** Another request may complete or abort the upload at any moment: then its files are gone. */
async function orGone<T>(key: ObjectKey, work: Promise<T>): Promise<T> {
  const result = await ifPresent(work);
  if (result === null) throw new ObjectNotFound(key);
  return result;
}

async function storedParts(directory: string): Promise<StoredPart[]> {
  const names = (await readdir(directory)).filter((name) => name !== KEY_FILE).sort();
  const parts: StoredPart[] = [];
  for (const name of names) {
    await using handle = await open(join(directory, name), 'r');
    const { sizeBytes, etag } = await readPart(handle);
    parts.push({ partNumber: Number(name), sizeBytes, etag });
  }
  return parts;
}

function fileName(partNumber: number): string {
  return String(partNumber).padStart(5, '0');
}

function etagOf(hash: Buffer): string {
  return `"${hash.toString('hex')}"`;
}

async function* withFooter(body: AsyncIterable<Uint8Array>, hash: Hash): AsyncGenerator<Uint8Array> {
  for await (const chunk of body) {
    hash.update(chunk);
    yield chunk;
  }
  yield hash.copy().digest();
}

async function readPart(handle: FileHandle): Promise<Omit<StoredPart, 'partNumber'>> {
  const sizeBytes = (await handle.stat()).size - HASH_BYTES;
  const { buffer } = await handle.read({ buffer: Buffer.alloc(HASH_BYTES), position: sizeBytes });
  return { sizeBytes, etag: etagOf(buffer) };
}

/** The bytes of the parts. Checks each ETag on the open file, which a later part cannot replace any more. */
async function* joinedParts(directory: string, parts: readonly UploadedPart[]): AsyncGenerator<Uint8Array> {
  const buffer = Buffer.allocUnsafe(COPY_BYTES);
  for (const { partNumber, etag } of parts) {
    await using handle = await open(join(directory, fileName(partNumber)), 'r');
    const stored = await readPart(handle);
    if (!sameEtag(stored.etag, etag)) throw wrongPart(partNumber);
    yield* chunksInto(buffer, handle, { offsetBytes: 0, lengthBytes: stored.sizeBytes });
  }
}

function wrongPart(partNumber: number): ObjectMismatch {
  return new ObjectMismatch(`Part ${partNumber} was not received, or has another ETag. Send it again.`, {
    partNumber,
  });
}
