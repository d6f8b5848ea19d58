import { Turns } from '../lib/turns.ts';
import { dedupHash } from './keyed-hash.ts';
import {
  BOOKEND,
  FOOTER_AT,
  RECORD_BYTES,
  SHARD_FOOTER_BYTES,
  SHARD_FOOTER_VERSION,
  SHARD_TAG,
  SHARD_VERSION,
} from './shard-records.ts';
import { XET_HASH_BYTES, type XetHash, xetHashBytes } from './xet-hash.ts';
import { rawRangeBytes, type XorbIndex } from './xorb-index.ts';

/** So many hashes are hidden in two milliseconds. */
const CHUNKS_AT_ONCE = 1024;

/** A xorb that a client may point at instead of uploading the same chunks. */
export interface DedupXorb {
  readonly hash: XetHash;
  readonly index: XorbIndex;
}

export interface DedupShardOptions {
  /**
   * 32 random bytes. The answer holds keyed hashes of the chunks only: a client recognizes the chunks that it has and learns nothing
   * about the others.
   */
  readonly hmacKey: Buffer;
  readonly createdAt: Date;
  /** Clients use the answer until then, so the xorbs must stay until then. */
  readonly expiresAt: Date;
}

/**
 * The answer to a global deduplication query: a shard without files that describes `xorbs`.
 *
 * @throws {RangeError} unless the key has 32 bytes that are not all zero (zeros mean "no key" to clients).
 */
export async function writeDedupShard(
  xorbs: readonly DedupXorb[],
  options: DedupShardOptions,
): Promise<Buffer> {
  const { hmacKey } = options;
  if (hmacKey.length !== XET_HASH_BYTES || hmacKey.every((byte) => byte === 0)) {
    throw new RangeError('a deduplication key has 32 bytes that are not all zero');
  }
  const header = Buffer.alloc(RECORD_BYTES);
  SHARD_TAG.copy(header);
  header.writeBigUInt64LE(SHARD_VERSION, 32);
  header.writeBigUInt64LE(BigInt(SHARD_FOOTER_BYTES), 40);
  const turns = new Turns(CHUNKS_AT_ONCE);
  const records: Buffer[] = [];
  for (const xorb of xorbs) {
    await turns.before(xorb.index.lengths.length);
    records.push(xorbRecords(xorb, hmacKey));
  }
  const body = Buffer.concat([header, BOOKEND, ...records, BOOKEND]);
  return Buffer.concat([body, footer(xorbs, options, body.length)]);
}

function xorbRecords({ hash, index }: DedupXorb, hmacKey: Buffer): Buffer {
  const count = index.lengths.length;
  const records = Buffer.alloc((1 + count) * RECORD_BYTES);
  xetHashBytes(hash).copy(records);
  records.writeUInt32LE(count, 36);
  records.writeUInt32LE(rawRangeBytes(index, 0, count), 40);
  records.writeUInt32LE(index.ends.at(-1)!, 44);
  let start = 0;
  for (let i = 0; i < count; i++) {
    const at = (1 + i) * RECORD_BYTES;
    const rawHash = index.hashes.subarray(i * XET_HASH_BYTES, (i + 1) * XET_HASH_BYTES);
    dedupHash(hmacKey, rawHash).copy(records, at);
    records.writeUInt32LE(start, at + 32);
    records.writeUInt32LE(index.lengths[i]!, at + 36);
    start += index.lengths[i]!;
  }
  return records;
}

function footer(xorbs: readonly DedupXorb[], options: DedupShardOptions, footerAt: number): Buffer {
  const bytes = Buffer.alloc(SHARD_FOOTER_BYTES);
  const write = (at: number, value: number): void => {
    bytes.writeBigUInt64LE(BigInt(value), at);
  };
  write(FOOTER_AT.version, Number(SHARD_FOOTER_VERSION));
  write(FOOTER_AT.fileSection, RECORD_BYTES);
  write(FOOTER_AT.xorbSection, 2 * RECORD_BYTES);
  // There are no lookup tables. Clients read the xorb section up to the first of them, so their offsets must not be zero.
  write(FOOTER_AT.fileLookup, footerAt);
  write(FOOTER_AT.xorbLookup, footerAt);
  write(FOOTER_AT.chunkLookup, footerAt);
  options.hmacKey.copy(bytes, FOOTER_AT.hmacKey);
  write(FOOTER_AT.createdAt, unixSeconds(options.createdAt));
  write(FOOTER_AT.keyExpiresAt, unixSeconds(options.expiresAt));
  write(
    FOOTER_AT.storedBytes,
    sum(xorbs, ({ index }) => index.ends.at(-1)!),
  );
  write(
    FOOTER_AT.rawBytes,
    sum(xorbs, ({ index }) => rawRangeBytes(index, 0, index.lengths.length)),
  );
  write(FOOTER_AT.footer, footerAt);
  return bytes;
}

function unixSeconds(date: Date): number {
  return Math.floor(date.getTime() / 1000);
}

function sum(xorbs: readonly DedupXorb[], bytesOf: (xorb: DedupXorb) => number): number {
  return xorbs.reduce((total, xorb) => total + bytesOf(xorb), 0);
}
