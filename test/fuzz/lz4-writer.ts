import { xxhash32 } from '../../src/xet/xxhash32.ts';

/** How a frame is written. What is left out is what hf_xet does: independent blocks of 64 KiB, nothing else. */
export interface Lz4WriterOptions {
  readonly linkedBlocks?: boolean;
  /** Of the blocks; their largest size in the header is always 64 KiB. */
  readonly blockBytes?: number;
  readonly storedBlocks?: boolean;
  readonly blockChecksums?: boolean;
  readonly contentChecksum?: boolean;
  readonly contentSize?: boolean;
}

const MAGIC = uint32(0x184d2204);
const BLOCK_SIZE_64_KIB = 0x40;
const STORED_BLOCK = 0x80000000;
const MIN_MATCH = 4;
/** Rules of the block format: the last match begins 12 bytes before the end or earlier, and the last 5 bytes are literals. */
const LAST_MATCH_START = 12;
const LAST_LITERALS = 5;
const MAX_DISTANCE = 65_535;

/** LZ4 frames with every option that the format has and lz4-napi does not write. Slow and simple. */
export function writeLz4Frame(content: Uint8Array, options: Lz4WriterOptions = {}): Buffer {
  const { blockBytes = 65_536, linkedBlocks = false } = options;
  const parts: Uint8Array[] = [frameHeader(content.length, options)];
  for (let start = 0; start < content.length; start += blockBytes) {
    const end = Math.min(start + blockBytes, content.length);
    const block = options.storedBlocks
      ? content.subarray(start, end)
      : compressBlock(content.subarray(0, end), start, linkedBlocks ? 0 : start);
    parts.push(uint32(block.length + (options.storedBlocks ? STORED_BLOCK : 0)), block);
    if (options.blockChecksums) parts.push(uint32(xxhash32(block)));
  }
  parts.push(uint32(0));
  if (options.contentChecksum) parts.push(uint32(xxhash32(content)));
  return Buffer.concat(parts);
}

/** A frame around blocks that the caller made, each with its length in front. */
export function lz4FrameAround(blocks: readonly Uint8Array[]): Buffer {
  const parts = blocks.flatMap((block) => [uint32(block.length), block]);
  return Buffer.concat([frameHeader(0, {}), ...parts, uint32(0)]);
}

export function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

/** Magic number, descriptor and its checksum. */
export function frameHeader(contentBytes: number, options: Lz4WriterOptions): Buffer {
  const flags =
    0b0100_0000 +
    (options.linkedBlocks ? 0 : 0b10_0000) +
    (options.blockChecksums ? 0b1_0000 : 0) +
    (options.contentSize ? 0b1000 : 0) +
    (options.contentChecksum ? 0b100 : 0);
  const descriptor: Uint8Array[] = [Buffer.from([flags, BLOCK_SIZE_64_KIB])];
  if (options.contentSize) descriptor.push(uint32(contentBytes), uint32(0));
  return withHeaderChecksum(Buffer.concat(descriptor));
}

/** Magic number, the given descriptor, and the checksum that makes it pass. */
export function withHeaderChecksum(descriptor: Uint8Array): Buffer {
  return Buffer.concat([MAGIC, descriptor, Buffer.from([(xxhash32(descriptor) >> 8) & 0xff])]);
}

/** The block from `start` to the end of `content`; matches may reach back to `oldest`. */
function compressBlock(content: Uint8Array, start: number, oldest: number): Buffer {
  const places = new Map<number, number>();
  const parts: Buffer[] = [];
  const key = (at: number): number =>
    content[at]! + content[at + 1]! * 2 ** 8 + content[at + 2]! * 2 ** 16 + content[at + 3]! * 2 ** 24;
  for (let at = Math.max(oldest, start - MAX_DISTANCE); at < start; at++) places.set(key(at), at);
  let literalsFrom = start;
  for (let at = start; at <= content.length - LAST_MATCH_START;) {
    const from = places.get(key(at));
    places.set(key(at), at);
    if (from === undefined || at - from > MAX_DISTANCE) {
      at++;
      continue;
    }
    let length = MIN_MATCH;
    while (at + length < content.length - LAST_LITERALS && content[from + length] === content[at + length]) {
      length++;
    }
    parts.push(sequence(content.subarray(literalsFrom, at), { distance: at - from, length }));
    at += length;
    literalsFrom = at;
  }
  parts.push(sequence(content.subarray(literalsFrom), null));
  return Buffer.concat(parts);
}

/** One sequence of a block; the last one has no match. */
export function sequence(
  literals: Uint8Array,
  match: { readonly distance: number; readonly length: number } | null,
): Buffer {
  const matched = match ? match.length - MIN_MATCH : 0;
  const token = Math.min(literals.length, 15) * 16 + Math.min(matched, 15);
  const parts = [Buffer.from([token]), longLength(literals.length), literals];
  if (match) {
    parts.push(Buffer.from([match.distance % 256, Math.floor(match.distance / 256)]), longLength(matched));
  }
  return Buffer.concat(parts);
}

function longLength(length: number): Buffer {
  if (length < 15) return Buffer.alloc(0);
  const rest = length - 15;
  return Buffer.concat([Buffer.alloc(Math.floor(rest / 255), 255), Buffer.from([rest % 255])]);
}
