import { parseSha256, type Sha256 } from '../lib/sha256.ts';
import {
  BOOKEND,
  FOOTER_AT,
  RECORD_BYTES,
  SHARD_FOOTER_BYTES,
  SHARD_FOOTER_VERSION,
  SHARD_TAG,
  SHARD_VERSION,
} from './shard-records.ts';
import { XetFormatError } from './xet-errors.ts';
import { XET_HASH_BYTES, type XetHash, xetHashText } from './xet-hash.ts';
import { MAX_XORB_CHUNKS } from './xorb-index.ts';

/** The limit of the protocol. */
export const MAX_SHARD_BYTES = 64 * 1024 * 1024;

const HAS_RANGE_HASHES = 0x8000_0000;
const HAS_SHA256 = 0x4000_0000;
/** The lookup tables that may stand before a footer: 12 bytes for each file and xorb, 16 for each chunk. */
const LOOKUP_ENTRY_BYTES = 12;
const CHUNK_LOOKUP_ENTRY_BYTES = 16;

/** An uploaded shard: the files that the client wants to register. */
export interface Shard {
  readonly files: readonly ShardFile[];
  /** How many xorbs the shard describes. Their descriptions are not returned: the hub trusts only its own indexes. */
  readonly xorbCount: number;
}

export interface ShardFile {
  readonly hash: XetHash;
  /** What the client says the SHA-256 of the file is; null when it does not. */
  readonly sha256: Sha256 | null;
  /** In the order of the file's contents. */
  readonly terms: readonly ShardTerm[];
}

/** A run of chunks of one xorb. */
export interface ShardTerm {
  readonly xorb: XetHash;
  /** Uncompressed, as the client says. */
  readonly rawBytes: number;
  readonly chunkStart: number;
  /** Exclusive. */
  readonly chunkEnd: number;
  /** Proves that the client knows the chunks (`rangeHash`, 32 raw bytes of the shard itself); null when it sent none. */
  readonly rangeHash: Buffer | null;
}

/**
 * Parses an uploaded shard, with or without a footer. Everything in it is only the client's word.
 * Unused bytes of records may hold anything. Unknown flags of a file are refused, because flags announce records.
 *
 * @throws {XetFormatError} for anything that is not a shard from its first byte to its last.
 */
export function parseShard(bytes: Uint8Array): Shard {
  if (bytes.length > MAX_SHARD_BYTES) {
    throw new XetFormatError(`A shard may have at most ${MAX_SHARD_BYTES} bytes.`);
  }
  const records = new RecordReader(bytes);
  const header = records.next(1);
  if (!header.subarray(0, SHARD_TAG.length).equals(SHARD_TAG)) {
    throw new XetFormatError('The upload is not a shard: its first 32 bytes are wrong.');
  }
  if (header.readBigUInt64LE(32) !== SHARD_VERSION) {
    throw new XetFormatError(`Only version ${SHARD_VERSION} of the shard format is accepted.`);
  }
  const footerBytes = header.readBigUInt64LE(40);
  const files = readFiles(records);
  const xorbCount = skipXorbs(records);
  if (footerBytes !== 0n) checkFooter(records.rest(), footerBytes);
  else if (records.rest().length > 0) throw new XetFormatError('There are bytes after the end of the shard.');
  return { files, xorbCount };
}

/** Walks over the records of a shard and never past its end. */
class RecordReader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  }

  /** The next `count` records as one piece. */
  next(count: number): Buffer {
    const end = this.#at + count * RECORD_BYTES;
    if (end > this.#bytes.length) {
      throw new XetFormatError(`The shard ends too early: it has ${this.#bytes.length} bytes, not ${end}.`);
    }
    const piece = this.#bytes.subarray(this.#at, end);
    this.#at = end;
    return piece;
  }

  /** The first record of the next block, or null when the section ends here. */
  nextBlock(): Buffer | null {
    const record = this.next(1);
    return record.compare(BOOKEND, 0, XET_HASH_BYTES, 0, XET_HASH_BYTES) === 0 ? null : record;
  }

  rest(): Buffer {
    return this.#bytes.subarray(this.#at);
  }
}

function readFiles(records: RecordReader): ShardFile[] {
  const files: ShardFile[] = [];
  for (let header = records.nextBlock(); header; header = records.nextBlock()) {
    files.push(readFile(header, records));
  }
  return files;
}

function readFile(header: Buffer, records: RecordReader): ShardFile {
  const hash = xetHashText(header);
  const flags = header.readUInt32LE(32);
  const count = header.readUInt32LE(36);
  if (flags % HAS_SHA256 !== 0) {
    throw new XetFormatError(`File ${hash} of the shard has unknown flags (0x${flags.toString(16)}).`);
  }
  const terms = records.next(count);
  const ranges = flags >= HAS_RANGE_HASHES ? records.next(count) : null;
  const sha256 = flags % HAS_RANGE_HASHES >= HAS_SHA256 ? records.next(1) : null;
  return {
    hash,
    // Its bytes lie in a shard in the order of a Xet hash, so the text of such a hash is the usual hex of the SHA-256.
    sha256: sha256 && parseSha256(xetHashText(sha256)),
    terms: Array.from({ length: count }, (_, i) => {
      const at = i * RECORD_BYTES;
      const term = readTerm(terms.subarray(at, at + RECORD_BYTES), hash);
      return { ...term, rangeHash: ranges && ranges.subarray(at, at + XET_HASH_BYTES) };
    }),
  };
}

function readTerm(record: Buffer, file: XetHash): Omit<ShardTerm, 'rangeHash'> {
  const rawBytes = record.readUInt32LE(36);
  const chunkStart = record.readUInt32LE(40);
  const chunkEnd = record.readUInt32LE(44);
  if (chunkStart >= chunkEnd || chunkEnd > MAX_XORB_CHUNKS || rawBytes === 0) {
    throw new XetFormatError(
      `File ${file} of the shard names the chunks ${chunkStart} to ${chunkEnd} with ${rawBytes} bytes, which no xorb can have.`,
    );
  }
  return { xorb: xetHashText(record), rawBytes, chunkStart, chunkEnd };
}

function skipXorbs(records: RecordReader): number {
  let count = 0;
  for (let header = records.nextBlock(); header; header = records.nextBlock()) {
    records.next(header.readUInt32LE(36));
    count++;
  }
  return count;
}

/**
 * A footer says nothing that the hub uses, but the shard must end with it. Releases of hf_xet such as 1.2 cut it off their
 * copy of the shard before they send that, and still announce it.
 */
function checkFooter(rest: Buffer, announcedBytes: bigint): void {
  const isCutOff = rest.length === 0;
  if (announcedBytes !== BigInt(SHARD_FOOTER_BYTES) || (!isCutOff && rest.length < SHARD_FOOTER_BYTES)) {
    throw new XetFormatError(`The footer of a shard must have ${SHARD_FOOTER_BYTES} bytes, or be left out.`);
  }
  if (isCutOff) return;
  const footer = rest.subarray(rest.length - SHARD_FOOTER_BYTES);
  if (footer.readBigUInt64LE(FOOTER_AT.version) !== SHARD_FOOTER_VERSION) {
    throw new XetFormatError(`Only version ${SHARD_FOOTER_VERSION} of the shard footer is accepted.`);
  }
  const tableBytes =
    (count(footer, FOOTER_AT.fileLookupCount) + count(footer, FOOTER_AT.xorbLookupCount)) *
      LOOKUP_ENTRY_BYTES +
    count(footer, FOOTER_AT.chunkLookupCount) * CHUNK_LOOKUP_ENTRY_BYTES;
  if (rest.length !== tableBytes + SHARD_FOOTER_BYTES) {
    throw new XetFormatError('There are bytes between the sections of the shard and its footer.');
  }
}

/** Numbers beyond 2^53 lose digits and stay too large to be right. */
function count(footer: Buffer, at: number): number {
  return Number(footer.readBigUInt64LE(at));
}
