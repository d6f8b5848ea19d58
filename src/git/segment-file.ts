import { createHash } from 'node:crypto';
import { closeSync, openSync, writeSync } from 'node:fs';
import { crc32 } from 'node:zlib';
import { IdxTable } from './idx-table.ts';
import { encodePackHeader, PACK_TRAILER_BYTES } from './pack-entry.ts';
import type { PackPlace } from './pack-index.ts';

/** A pack that was written to a file. */
export interface WrittenSegment {
  readonly packBytes: number;
  readonly packSum: Buffer;
  readonly idx: Buffer;
}

const FLUSH_BYTES = 1024 * 1024;

/** Writes a pack of entries that are deflated already to a file, synchronously, with about a mebibyte in memory. */
export class SegmentFile implements Disposable {
  readonly #fd: number;
  readonly #table: IdxTable;
  readonly #objectCount: number;
  readonly #hash = createHash('sha1');
  #pending: Buffer[] = [];
  #pendingBytes = 0;
  #packBytes = 0;
  #entryAt = 0;
  #entryCrc = 0;

  /** @param path of a file that is replaced if it is there. */
  constructor(path: string, objectCount: number) {
    this.#fd = openSync(path, 'w', 0o600);
    this.#objectCount = objectCount;
    this.#table = new IdxTable(objectCount);
    this.append(encodePackHeader(objectCount));
  }

  [Symbol.dispose](): void {
    closeSync(this.#fd);
  }

  /** Begins an entry with its head. Do not change what is given here. */
  begin(head: Buffer): void {
    this.#entryAt = this.#packBytes;
    this.#entryCrc = 0;
    this.body(head);
  }

  /** The next bytes of the entry. */
  body(bytes: Buffer): void {
    this.#entryCrc = crc32(bytes, this.#entryCrc);
    this.append(bytes);
  }

  /** Ends the entry. @param id of 20 bytes. */
  end(id: Buffer): PackPlace {
    this.#table.add(id, this.#entryAt, this.#entryCrc);
    return { offset: this.#entryAt, packedBytes: this.#packBytes - this.#entryAt };
  }

  /** @throws {Error} when there were fewer objects than announced. */
  finish(): WrittenSegment {
    if (this.#table.count !== this.#objectCount)
      throw new Error(`a pack of ${this.#objectCount} objects got ${this.#table.count}`);
    this.flush();
    const packSum = this.#hash.digest();
    writeAll(this.#fd, packSum);
    return { packBytes: this.#packBytes + PACK_TRAILER_BYTES, packSum, idx: this.#table.encode(packSum) };
  }

  private append(bytes: Buffer): void {
    this.#pending.push(bytes);
    this.#pendingBytes += bytes.length;
    this.#packBytes += bytes.length;
    if (this.#pendingBytes >= FLUSH_BYTES) this.flush();
  }

  private flush(): void {
    const bytes = Buffer.concat(this.#pending, this.#pendingBytes);
    this.#pending = [];
    this.#pendingBytes = 0;
    this.#hash.update(bytes);
    writeAll(this.#fd, bytes);
  }
}

/** At the end of what was written. */
function writeAll(fd: number, bytes: Uint8Array): void {
  for (let done = 0; done < bytes.length;) done += writeSync(fd, bytes, done);
}
