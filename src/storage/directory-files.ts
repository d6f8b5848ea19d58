import { randomUUID } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';
import { link, mkdir, open, readdir, rm, stat, unlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { hasErrorCode } from '../lib/error-code.ts';
import { takenByAnotherSize, wrongSize } from './checked-body.ts';
import { StorageFull, StorageUnavailable } from './errors.ts';

/** Another file system, one without links, or a file with too many of them. */
export const UNLINKABLE: readonly string[] = ['EXDEV', 'EPERM', 'EMLINK', 'ENOTSUP', 'ENOSYS'];
const DISK_FULL = ['ENOSPC', 'EDQUOT', 'EFBIG'];
const DISK_BROKEN = ['EIO', 'EROFS', 'EACCES', 'EPERM', 'EMFILE', 'ENFILE', 'ESTALE', 'ENOTDIR'];

/** Waits for file work and turns the failures of the disk into errors of the store. */
export async function onDisk<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (hasErrorCode(error, ...DISK_FULL)) throw new StorageFull({ cause: error });
    if (!hasErrorCode(error, ...DISK_BROKEN)) throw error;
    throw new StorageUnavailable('The object store cannot use its disk.', {}, { cause: error });
  }
}

/** Resolves to null instead of failing when the file or directory does not exist. */
export async function ifPresent<T>(work: Promise<T>): Promise<T | null> {
  try {
    return await work;
  } catch (error) {
    if (hasErrorCode(error, 'ENOENT')) return null;
    throw error;
  }
}

/** Makes the entries of a directory survive a power cut. */
export async function syncDirectory(path: string): Promise<void> {
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Makes the bytes of a file survive a power cut. @throws {ObjectMismatch} when it has another size. */
async function syncFile(path: string, sizeBytes: number): Promise<void> {
  const handle = await open(path, 'r');
  try {
    const { size } = await handle.stat();
    if (size !== sizeBytes) throw wrongSize(sizeBytes, `${size}`);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Writes a whole chunk at the handle's position. */
export async function writeAll(handle: FileHandle, chunk: Uint8Array): Promise<void> {
  let written = 0;
  while (written < chunk.length) written += (await handle.write(chunk, written)).bytesWritten;
}

/**
 * The crash discipline of the directory store: bytes go to a temporary file of the same file system, are synced,
 * and get their name by one atomic step; then the directory is synced. A crash leaves only temporary files.
 */
export class DurableFiles {
  readonly #root: string;
  readonly #temporary: string;
  readonly #directories = new Map<string, Promise<void>>();

  private constructor(root: string) {
    this.#root = root;
    this.#temporary = join(root, 'tmp');
  }

  /** Makes the root when it is missing. */
  static async open(root: string): Promise<DurableFiles> {
    const files = new DurableFiles(root);
    const firstMade = await mkdir(root, { recursive: true });
    if (firstMade !== undefined) await syncParents(root, dirname(firstMade));
    await files.ensureDirectory(files.#temporary);
    return files;
  }

  /** Writes the chunks to a synced temporary file and returns its path. A failure leaves no file. */
  async stage(chunks: Iterable<Uint8Array> | AsyncIterable<Uint8Array>): Promise<string> {
    const path = this.temporaryPath();
    const handle = await open(path, 'wx', 0o644);
    try {
      for await (const chunk of chunks) await writeAll(handle, chunk);
      await handle.sync();
    } catch (error) {
      await handle.close();
      await unlink(path);
      throw error;
    }
    await handle.close();
    return path;
  }

  /**
   * Gives a finished file, which stays where it is, a synced temporary name as well. A failure leaves none.
   * @returns null where that is not possible. @throws {ObjectMismatch} when it has another size.
   */
  async stageLink(source: string, sizeBytes: number): Promise<string | null> {
    const path = this.temporaryPath();
    try {
      await link(source, path);
    } catch (error) {
      if (!hasErrorCode(error, ...UNLINKABLE)) throw error;
      return null;
    }
    try {
      await syncFile(path, sizeBytes);
    } catch (error) {
      await unlink(path);
      throw error;
    }
    return path;
  }

  /** A path for a new temporary file. */
  temporaryPath(): string {
    return join(this.#temporary, randomUUID());
  }

  /** Gives a staged file its final name, unless that is taken: by the same size is fine, else `ObjectMismatch`. */
  async publish(staged: string, target: string): Promise<void> {
    try {
      await this.ensureDirectory(dirname(target));
      await link(staged, target);
    } catch (error) {
      if (!hasErrorCode(error, 'EEXIST')) throw error;
      const [sent, stored] = await Promise.all([stat(staged), stat(target)]);
      if (sent.size !== stored.size) throw takenByAnotherSize(sent.size, stored.size);
    } finally {
      await unlink(staged);
    }
    await syncDirectory(dirname(target));
  }

  /** Makes a directory below the root, durably with its parents. Remembers them: every later caller waits for the first one's sync. */
  async ensureDirectory(path: string): Promise<void> {
    const known = this.#directories.get(path);
    if (known !== undefined) return known;
    const made = mkdir(path, { recursive: true }).then(() => syncParents(path, this.#root));
    this.#directories.set(path, made);
    try {
      await made;
    } catch (error) {
      this.#directories.delete(path);
      throw error;
    }
  }

  /** Removes temporary files that nobody has written to for that long. */
  async sweep(olderThanMs: number): Promise<void> {
    await removeOlder(this.#temporary, olderThanMs);
  }
}

/** Syncs every directory above `path`, up to and including `top`. */
async function syncParents(path: string, top: string): Promise<void> {
  for (let directory = path; directory !== top;) {
    directory = dirname(directory);
    await syncDirectory(directory);
  }
}

/** Removes the entries of a directory that have not changed for that long. */
export async function removeOlder(directory: string, olderThanMs: number): Promise<void> {
  const before = Date.now() - olderThanMs;
  for (const name of await readdir(directory)) {
    const path = join(directory, name);
    const found = await ifPresent(stat(path));
    if (found !== null && found.mtimeMs <= before) await rm(path, { recursive: true, force: true });
  }
}
