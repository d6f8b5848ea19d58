import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { hashObject } from './object.ts';
import {
  decodePackHeader,
  mostDeflated,
  PACK_HEADER_BYTES,
  PACK_TRAILER_BYTES,
  type PackedObject,
} from './pack-entry.ts';
import { CorruptPack } from './pack-index.ts';
import { type EntryStart, readEntry, readEntryStart } from './pack-reader.ts';

/** An entry's header has less. */
const START_BYTES = 16;

/**
 * Reads an undeltified pack of any size from its begin to its end and hashes every object. At last it checks the trailer. Holds one
 * object at a time, and the chunks that it lies in.
 *
 * @param packSum what the trailer must be. @throws {CorruptPack} when anything does not fit.
 */
export async function* verifyPack(
  chunks: AsyncIterable<Buffer> | Iterable<Buffer>,
  packSum: Buffer,
): AsyncGenerator<PackedObject> {
  await using input = new PackInput(chunks);
  const count = decodePackHeader(await input.atLeast(PACK_HEADER_BYTES));
  if (count === undefined) throw new CorruptPack('not a version 2 pack');
  input.pass(PACK_HEADER_BYTES);
  for (let found = 0; found < count; found++) {
    const start = await input.entryStart();
    if (!start) throw new CorruptPack(`the pack announces ${count} objects and holds ${found}`);
    const held = await input.atLeast(start.headerBytes + mostDeflated(start.sizeBytes));
    const { object, packedBytes } = readEntry(held, start);
    const { type, sizeBytes, bytes } = object;
    const place = { offset: input.offset, packedBytes, crc32: crc32(held.subarray(0, packedBytes)) };
    input.pass(packedBytes);
    yield { oid: hashObject(type, bytes), type, sizeBytes, ...place };
  }
  const trailer = await input.atLeast(PACK_TRAILER_BYTES + 1);
  if (trailer.length > PACK_TRAILER_BYTES)
    throw new CorruptPack(`the pack announces ${count} objects and holds more`);
  if (!trailer.equals(input.sum())) throw new CorruptPack('the pack fails its checksum');
  if (!trailer.equals(packSum)) throw new CorruptPack('the pack is not the one the row names');
}

/** Bytes that arrive in chunks. */
class PackInput implements AsyncDisposable {
  readonly #chunks: AsyncIterator<Buffer> | Iterator<Buffer>;
  readonly #sha1 = createHash('sha1');
  #held: Buffer = Buffer.alloc(0);
  #offset = 0;

  constructor(chunks: AsyncIterable<Buffer> | Iterable<Buffer>) {
    this.#chunks =
      Symbol.asyncIterator in chunks ? chunks[Symbol.asyncIterator]() : chunks[Symbol.iterator]();
  }

  /** Ends the source, which may be an open file. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#chunks.return?.();
  }

  /** How many bytes were passed. */
  get offset(): number {
    return this.#offset;
  }

  /** What comes next: so many bytes, or all that are left when they are fewer; often more. */
  async atLeast(bytes: number): Promise<Buffer> {
    if (this.#held.length >= bytes) return this.#held;
    const parts = [this.#held];
    let heldBytes = this.#held.length;
    while (heldBytes < bytes) {
      const read = await this.#chunks.next();
      if (read.done) break;
      parts.push(read.value);
      heldBytes += read.value.length;
    }
    this.#held = Buffer.concat(parts);
    return this.#held;
  }

  /** Null where only the trailer is left, or less. */
  async entryStart(): Promise<EntryStart | null> {
    const held = await this.atLeast(PACK_TRAILER_BYTES + START_BYTES);
    return held.length > PACK_TRAILER_BYTES ? readEntryStart(held) : null;
  }

  /** They were read, and count for the checksum. */
  pass(bytes: number): void {
    this.#sha1.update(this.#held.subarray(0, bytes));
    this.#held = this.#held.subarray(bytes);
    this.#offset += bytes;
  }

  /** Of all that was passed. */
  sum(): Buffer {
    return this.#sha1.digest();
  }
}
