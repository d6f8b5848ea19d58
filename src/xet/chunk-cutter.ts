import { CHUNK_HEADER_BYTES, MAX_STORED_CHUNK_BYTES } from './xorb-index.ts';

/** Cuts a serialized xorb, which arrives in slices of any length, into its chunks. Only a chunk that lies in several slices is copied. */
export class ChunkCutter {
  /** The beginning of a chunk that goes on in the next slice. */
  readonly #joined = Buffer.allocUnsafeSlow(CHUNK_HEADER_BYTES + MAX_STORED_CHUNK_BYTES);
  #joinedBytes = 0;

  /**
   * The chunks, headers included, that end in this slice. Each is valid until the next is asked for.
   * @throws {RangeError} for a header that no xorb has.
   */
  *cut(slice: Buffer): Generator<Buffer> {
    let at = 0;
    if (this.#joinedBytes > 0) {
      at = this.join(slice, 0, CHUNK_HEADER_BYTES);
      if (this.#joinedBytes < CHUNK_HEADER_BYTES) return;
      const chunkBytes = lengthOf(this.#joined, 0);
      at = this.join(slice, at, chunkBytes);
      if (this.#joinedBytes < chunkBytes) return;
      this.#joinedBytes = 0;
      yield this.#joined.subarray(0, chunkBytes);
    }
    while (slice.length - at >= CHUNK_HEADER_BYTES) {
      const end = at + lengthOf(slice, at);
      if (end > slice.length) break;
      yield slice.subarray(at, end);
      at = end;
    }
    this.join(slice, at, this.#joined.length);
  }

  /** Whether the bytes so far end with a chunk. */
  get isBetweenChunks(): boolean {
    return this.#joinedBytes === 0;
  }

  /** Keeps bytes from `at` on until `length` of them are together; returns where the others begin. */
  private join(slice: Buffer, at: number, length: number): number {
    const end = Math.min(slice.length, at + Math.max(0, length - this.#joinedBytes));
    this.#joinedBytes += slice.copy(this.#joined, this.#joinedBytes, at, end);
    return end;
  }
}

function lengthOf(bytes: Buffer, offset: number): number {
  const storedBytes = bytes.readUIntLE(offset + 1, 3);
  if (storedBytes > MAX_STORED_CHUNK_BYTES) throw new RangeError(`a chunk of ${storedBytes} stored bytes`);
  return CHUNK_HEADER_BYTES + storedBytes;
}
