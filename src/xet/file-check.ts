import { createHash } from 'node:crypto';

import { BadRequest } from '../lib/domain-error.ts';
import type { Sha256 } from '../lib/sha256.ts';
import { ChunkCutter } from './chunk-cutter.ts';
import { MAX_CHUNK_BYTES } from './chunker.ts';
import { rangeHash } from './keyed-hash.ts';
import { fileHash } from './merkle.ts';
import type { ShardTerm } from './shard.ts';
import { XetFormatError } from './xet-errors.ts';
import { XET_HASH_BYTES, type XetHash, xetHashText } from './xet-hash.ts';
import { decodeChunk } from './xorb.ts';
import { decodeXorbIndex, ENTRY_BYTES, rawRangeBytes, type XorbIndex } from './xorb-index.ts';
import type { XorbId } from './xorb-id.ts';

/**
 * First half of checking an uploaded file: whether the uploader knows the chunks of its terms, and whether they are
 * the file. It holds 36 bytes for each chunk.
 */
export class TermCheck {
  readonly #file: XetHash;
  readonly #hashes: Buffer;
  readonly #lengths: Uint32Array;
  #chunks = 0;

  /** @param chunkCount of all terms together; they must not have more. */
  constructor(file: XetHash, chunkCount: number) {
    this.#file = file;
    this.#hashes = Buffer.alloc(chunkCount * XET_HASH_BYTES);
    this.#lengths = new Uint32Array(chunkCount);
  }

  /**
   * Takes the next terms of the file. The uploader may name their chunks, and their xorbs have so many.
   *
   * @param entries what the hub's own indexes say of these chunks: see `TermEntries`.
   * @returns start and end (exclusive) of each term in its serialized xorb.
   * @throws {XetFormatError} a term that is wrong. @throws {BadRequest} a wrong proof. @throws {Error} an index is damaged.
   */
  add(terms: readonly ShardTerm[], entries: TermEntries): Uint32Array<ArrayBuffer> {
    const ranges = new Uint32Array(terms.length * 2);
    let at = 0;
    for (const [i, term] of terms.entries()) {
      const entryBytes = (term.chunkEnd - term.chunkStart) * ENTRY_BYTES;
      const index = decodeEntries(entries.bytes.subarray(at, at + entryBytes), entries.starts[i]!);
      at += entryBytes;
      this.requireProof(term, index);
      ranges[2 * i] = entries.starts[i]!;
      ranges[2 * i + 1] = index.ends.at(-1)!;
      this.append(index);
    }
    return ranges;
  }

  /**
   * After the last term.
   *
   * @returns the raw hash of the first chunk; null for a file without chunks.
   * @throws {XetFormatError} the terms are another file.
   */
  finish(): Buffer | null {
    const chunks = { hashes: this.#hashes, lengths: this.#lengths };
    const isComplete = this.#chunks === this.#lengths.length;
    const actual = xetHashText(fileHash(chunks));
    if (!isComplete || actual !== this.#file) {
      throw new XetFormatError(
        `The terms of file ${this.#file} make the file ${actual}. Upload the file again.`,
      );
    }
    return this.#chunks === 0 ? null : Buffer.from(this.#hashes.subarray(0, XET_HASH_BYTES));
  }

  private requireProof(term: ShardTerm, index: XorbIndex): void {
    if (!term.rangeHash) {
      throw new XetFormatError(
        `File ${this.#file} of the shard has no range hashes, which prove that a client knows the chunks. Use a newer client.`,
      );
    }
    const { xorb, chunkStart, chunkEnd, rawBytes } = term;
    if (!rangeHash(index.hashes).equals(term.rangeHash)) throw notConfirmed(term);
    const actualBytes = rawRangeBytes(index, 0, chunkEnd - chunkStart);
    if (actualBytes !== rawBytes) {
      throw new XetFormatError(
        `Chunks ${chunkStart} to ${chunkEnd} of xorb ${xorb} have ${actualBytes} bytes, not ${rawBytes} as file ${this.#file} of the shard says.`,
      );
    }
  }

  private append({ hashes, lengths }: XorbIndex): void {
    if (this.#chunks + lengths.length > this.#lengths.length) {
      throw new RangeError('more chunks than were announced');
    }
    hashes.copy(this.#hashes, this.#chunks * XET_HASH_BYTES);
    this.#lengths.set(lengths, this.#chunks);
    this.#chunks += lengths.length;
  }
}

/** What indexes of xorbs say of the chunks of some terms. */
export interface TermEntries {
  /** One after another, as `encodeXorbIndex` writes them. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Where each term starts in its serialized xorb. */
  readonly starts: Uint32Array<ArrayBuffer>;
  /** In which form of its xorb each term lies. */
  readonly xorbs: readonly XorbId[];
}

function decodeEntries(bytes: Uint8Array, startByte: number): XorbIndex {
  try {
    return decodeXorbIndex(bytes, startByte);
  } catch (error) {
    throw new Error('the index of a xorb is damaged', { cause: error });
  }
}

/**
 * A xorb that is not here, one that the uploader may not name, chunks that it does not have and a wrong proof are this one error: who
 * may not know of a xorb must not learn whether it is here.
 */
export function notConfirmed({ xorb, chunkStart, chunkEnd }: ShardTerm): BadRequest {
  return new BadRequest(
    `The hub cannot confirm chunks ${chunkStart} to ${chunkEnd} of xorb ${xorb}: it has no such xorb that you uploaded or may read, or the range hash is wrong. ` +
      'Upload the files again. If this persists, delete the cache of the client first ($HF_XET_CACHE, usually ~/.cache/huggingface/xet): it may hold what another account uploaded.',
  );
}

/** The content of a file as the hub itself sees it. */
export interface ContentDigest {
  readonly sha256: Sha256;
  readonly sizeBytes: number;
}

/** Second half: hashes the bytes of a file, which come in pieces of any length. */
export class ContentHasher {
  readonly #sha256 = createHash('sha256');
  readonly #chunk = new Uint8Array(MAX_CHUNK_BYTES);
  readonly #cutter = new ChunkCutter();
  #sizeBytes = 0;

  /** Takes serialized chunks of a stored xorb. @throws {Error} for chunks that do not decode: they were whole when they were stored. */
  addChunks(piece: Uint8Array): void {
    const bytes = Buffer.from(piece.buffer, piece.byteOffset, piece.length);
    try {
      for (const chunk of this.#cutter.cut(bytes)) {
        const { lengthBytes } = decodeChunk(chunk, 0, this.#chunk);
        this.addContent(this.#chunk.subarray(0, lengthBytes));
      }
    } catch (error) {
      throw new Error('a stored xorb is damaged', { cause: error });
    }
  }

  /** Takes bytes of the file itself. */
  addContent(piece: Uint8Array): void {
    this.#sha256.update(piece);
    this.#sizeBytes += piece.length;
  }

  /** After the last piece. @throws {Error} in the middle of a chunk. */
  finish(): ContentDigest {
    if (!this.#cutter.isBetweenChunks) throw new Error('a stored xorb ends in the middle of a chunk');
    return { sha256: this.#sha256.digest('hex') as Sha256, sizeBytes: this.#sizeBytes };
  }
}
