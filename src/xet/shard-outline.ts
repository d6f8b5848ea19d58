import { PayloadTooLarge } from '../lib/domain-error.ts';
import type { Sha256 } from '../lib/sha256.ts';
import { parseShard, type ShardTerm } from './shard.ts';
import { XET_HASH_BYTES, type XetHash, xetHashBytes, xetHashText } from './xet-hash.ts';

/** More files than any client puts into one shard: huggingface_hub uploads 256 at once. */
export const MAX_SHARD_FILES = 32_768;
/** 64 GiB when files are scattered as much as clients allow; 8 TiB when they are not. */
export const MAX_SHARD_TERMS = 131_072;

/** hash of the xorb, rawBytes, chunkStart, chunkEnd, whether there is a range hash, range hash */
const TERM_BYTES = XET_HASH_BYTES + 4 * 4 + XET_HASH_BYTES;

/** An uploaded shard in few objects, so that it costs little to hand it from thread to thread. */
export interface ShardOutline {
  readonly files: readonly OutlinedFile[];
  /** The terms of all files, one after another: see `outlinedTerms`. */
  readonly terms: Uint8Array<ArrayBuffer>;
}

export interface OutlinedFile {
  readonly hash: XetHash;
  /** What the client says the SHA-256 of the file is; null when it does not. */
  readonly sha256: Sha256 | null;
  /** Number of its first term among those of all files. */
  readonly firstTerm: number;
  readonly termCount: number;
  /** Chunks of all terms together, as the client says. */
  readonly chunkCount: number;
  /** Length of the file, as the client says. */
  readonly sizeBytes: number;
}

/**
 * Parses an uploaded shard.
 *
 * @throws {XetFormatError} for anything that is not a shard. @throws {PayloadTooLarge} too many files or terms.
 */
export function outlineShard(bytes: Uint8Array): ShardOutline {
  const { files } = parseShard(bytes);
  const termCount = files.reduce((total, file) => total + file.terms.length, 0);
  if (files.length > MAX_SHARD_FILES || termCount > MAX_SHARD_TERMS) {
    throw new PayloadTooLarge(
      `A shard may have at most ${MAX_SHARD_FILES} files and ${MAX_SHARD_TERMS} terms. Upload fewer files at once.`,
    );
  }
  const terms = Buffer.alloc(termCount * TERM_BYTES);
  let written = 0;
  const outlined = files.map(({ hash, sha256, terms: own }): OutlinedFile => {
    const firstTerm = written;
    for (const term of own) writeTerm(terms, written++ * TERM_BYTES, term);
    const chunkCount = own.reduce((total, term) => total + term.chunkEnd - term.chunkStart, 0);
    const sizeBytes = own.reduce((total, term) => total + term.rawBytes, 0);
    return { hash, sha256, firstTerm, termCount: own.length, chunkCount, sizeBytes };
  });
  return { files: outlined, terms };
}

/** `count` terms of a shard from number `first` on. */
export function outlinedTerms(outline: ShardOutline, first: number, count: number): ShardTerm[] {
  const { buffer, byteOffset, length } = outline.terms;
  const bytes = Buffer.from(buffer, byteOffset, length);
  return Array.from({ length: count }, (_, i) => readTerm(bytes, (first + i) * TERM_BYTES));
}

/** A copy of `count` terms from number `first` on, which begin at 0 in it, without the files. */
export function sliceOutline({ terms }: ShardOutline, first: number, count: number): ShardOutline {
  return {
    files: [],
    terms: new Uint8Array(terms.subarray(first * TERM_BYTES, (first + count) * TERM_BYTES)),
  };
}

function writeTerm(bytes: Buffer, at: number, term: ShardTerm): void {
  xetHashBytes(term.xorb).copy(bytes, at);
  bytes.writeUInt32LE(term.rawBytes, at + 32);
  bytes.writeUInt32LE(term.chunkStart, at + 36);
  bytes.writeUInt32LE(term.chunkEnd, at + 40);
  bytes.writeUInt32LE(term.rangeHash ? 1 : 0, at + 44);
  term.rangeHash?.copy(bytes, at + 48);
}

function readTerm(bytes: Buffer, at: number): ShardTerm {
  return {
    xorb: xetHashText(bytes, at),
    rawBytes: bytes.readUInt32LE(at + 32),
    chunkStart: bytes.readUInt32LE(at + 36),
    chunkEnd: bytes.readUInt32LE(at + 40),
    rangeHash: bytes.readUInt32LE(at + 44) === 1 ? bytes.subarray(at + 48, at + 48 + XET_HASH_BYTES) : null,
  };
}
