import { createHash } from 'node:crypto';
import type { Hash } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';

import type { Oid } from './oid.ts';
import { deflateEntry, encodePackHeader, PACK_HEADER_BYTES, PACK_TRAILER_BYTES } from './pack-entry.ts';
import type { ObjectToPack, PackedObject } from './pack-entry.ts';
import { encodeIdx } from './pack-index.ts';

/** A pack that lies in a file. */
export interface WrittenPack {
  readonly packBytes: number;
  readonly idx: Buffer;
  readonly packSum: Buffer;
  readonly entries: readonly PackedObject[];
}

const FLUSH_BYTES = 1024 * 1024;

/**
 * Writes a segment to an empty file that is open for reading and writing, holding about 1 MiB of it in memory. Await each call
 * before the next. The caller syncs and closes the file.
 *
 * With `objectCount` the checksum is made on the way. Without it the count is patched in at the end and the file is read
 * once more, because Git's checksum begins with the header.
 */
export class PackStream {
  readonly #file: FileHandle;
  readonly #objectCount: number | undefined;
  readonly #hash: Hash | undefined;
  readonly #entries: PackedObject[] = [];
  readonly #seen = new Set<Oid>();
  #pending: Buffer[] = [];
  #pendingBytes = 0;
  #writtenBytes = 0;

  constructor(file: FileHandle, options: { readonly objectCount?: number } = {}) {
    this.#file = file;
    this.#objectCount = options.objectCount;
    this.#hash = options.objectCount === undefined ? undefined : createHash('sha1');
    this.#append(encodePackHeader(options.objectCount ?? 0));
  }

  /** The size of the pack so far, without its trailer. */
  get packBytes(): number {
    return this.#writtenBytes + this.#pendingBytes;
  }

  /** An object that is already in this pack is left out; it does not count for `objectCount` either. */
  async add({ oid, type, bytes }: ObjectToPack): Promise<void> {
    if (this.#seen.has(oid)) return;
    this.#seen.add(oid);
    const { header, body, crc32 } = deflateEntry(type, bytes);
    const packedBytes = header.length + body.length;
    this.#entries.push({ oid, type, sizeBytes: bytes.length, offset: this.packBytes, packedBytes, crc32 });
    this.#append(header);
    this.#append(body);
    if (this.#pendingBytes >= FLUSH_BYTES) await this.#flush();
  }

  /** Writes the trailer. @throws {Error} when `objectCount` was announced and is not what came. */
  async finish(): Promise<WrittenPack> {
    const count = this.#entries.length;
    if (this.#objectCount !== undefined && this.#objectCount !== count) {
      throw new Error(`the pack was announced with ${this.#objectCount} objects and got ${count}`);
    }
    await this.#flush();
    const packSum = this.#hash?.digest() ?? (await this.#patchAndHash(count));
    await writeAll(this.#file, packSum, this.#writtenBytes);
    return {
      packBytes: this.#writtenBytes + PACK_TRAILER_BYTES,
      idx: encodeIdx(this.#entries, packSum),
      packSum,
      entries: this.#entries,
    };
  }

  #append(bytes: Buffer): void {
    this.#pending.push(bytes);
    this.#pendingBytes += bytes.length;
  }

  async #flush(): Promise<void> {
    const bytes = Buffer.concat(this.#pending, this.#pendingBytes);
    const position = this.#writtenBytes;
    this.#pending = [];
    this.#pendingBytes = 0;
    this.#writtenBytes += bytes.length;
    this.#hash?.update(bytes);
    await writeAll(this.#file, bytes, position);
  }

  async #patchAndHash(count: number): Promise<Buffer> {
    const header = encodePackHeader(count);
    await writeAll(this.#file, header, 0);
    const hash = createHash('sha1').update(header);
    const buffer = Buffer.allocUnsafe(FLUSH_BYTES);
    for (let at = PACK_HEADER_BYTES; at < this.#writtenBytes;) {
      const { bytesRead } = await this.#file.read(buffer, 0, buffer.length, at);
      if (bytesRead === 0) throw new Error('the pack file became shorter while it was written');
      hash.update(buffer.subarray(0, bytesRead));
      at += bytesRead;
    }
    return hash.digest();
  }
}

async function writeAll(file: FileHandle, bytes: Buffer, position: number): Promise<void> {
  for (let done = 0; done < bytes.length;) {
    const { bytesWritten } = await file.write(bytes, done, bytes.length - done, position + done);
    done += bytesWritten;
  }
}
