import { Hasher } from 'gearhash-jit';

import type { ChunkList } from './chunk-list.ts';
import { chunkHash } from './keyed-hash.ts';
import { XET_HASH_BYTES } from './xet-hash.ts';

// The limits and the mask are part of the protocol (https://huggingface.co/docs/xet/chunking): who cuts elsewhere gets other hashes
// for the same file. The mask's 16 bits make 64 KiB the usual distance of two cuts.
export const MIN_CHUNK_BYTES = 8 * 1024;
export const MAX_CHUNK_BYTES = 128 * 1024;
const CUT_MASK = 0xffff_0000_0000_0000n;

/** The rolling hash is shifted by a bit for each byte: 64 bytes later, a byte has left it. */
const WINDOW_BYTES = 64;

/** The scanner copies what it is given, so it is given little beyond a cut. */
const SCAN_BYTES = 16 * 1024;

/** So many hashes are allocated at once. */
const HASHES_PER_PAGE = 1024;

/**
 * Cuts a stream of bytes into the chunks of Xet and hashes each. How the stream is sliced does not matter.
 * It holds one chunk at most, and what it returns.
 */
export class ChunkHasher {
  readonly #gear = new Hasher(CUT_MASK);
  readonly #chunk = Buffer.alloc(MAX_CHUNK_BYTES);
  #chunkBytes = 0;
  readonly #hashPages: Buffer[] = [];
  readonly #lengths: number[] = [];

  /** Takes the next bytes; they may be changed afterwards. */
  update(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length;) {
      const room = bytes.subarray(at, at + MAX_CHUNK_BYTES - this.#chunkBytes);
      const cut = this.cutIn(room);
      const taken = cut === -1 ? room : room.subarray(0, cut);
      this.#chunk.set(taken, this.#chunkBytes);
      this.#chunkBytes += taken.length;
      at += taken.length;
      if (cut !== -1 || this.#chunkBytes === MAX_CHUNK_BYTES) this.endChunk();
    }
  }

  /** The chunks of everything, none for no bytes. Call it once, at the end. */
  finish(): ChunkList {
    if (this.#chunkBytes > 0) this.endChunk();
    return {
      hashes: Buffer.concat(this.#hashPages, this.#lengths.length * XET_HASH_BYTES),
      lengths: Uint32Array.from(this.#lengths),
    };
  }

  /** How many of the next bytes belong to the current chunk when it ends in them, otherwise -1. */
  private cutIn(next: Uint8Array): number {
    // Whatever came before its last window cannot move the first cut that is allowed. So it is skipped, and nothing needs a reset.
    let at = Math.max(0, MIN_CHUNK_BYTES - WINDOW_BYTES - this.#chunkBytes);
    // A window that is still filling up matches often. No chunk ends there, and the rolling hash must go on as if nothing had been found.
    const tooShort = Math.min(next.length, MIN_CHUNK_BYTES - 1 - this.#chunkBytes);
    while (at < tooShort) {
      const match = this.#gear.nextMatch(next.subarray(at, tooShort));
      at = match === -1 ? tooShort : at + match;
    }
    for (; at < next.length; at += SCAN_BYTES) {
      const match = this.#gear.nextMatch(next.subarray(at, at + SCAN_BYTES));
      if (match !== -1) return at + match;
    }
    return -1;
  }

  private endChunk(): void {
    const index = this.#lengths.length % HASHES_PER_PAGE;
    if (index === 0) this.#hashPages.push(Buffer.alloc(HASHES_PER_PAGE * XET_HASH_BYTES));
    chunkHash(this.#chunk.subarray(0, this.#chunkBytes)).copy(
      this.#hashPages.at(-1)!,
      index * XET_HASH_BYTES,
    );
    this.#lengths.push(this.#chunkBytes);
    this.#chunkBytes = 0;
  }
}
