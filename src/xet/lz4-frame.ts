import { XetFormatError } from './xet-errors.ts';
import { xxhash32 } from './xxhash32.ts';

const FRAME_MAGIC = 0x184d2204;
/** Bytes up to the header checksum: magic, FLG, BD. */
const FIXED_HEADER_BYTES = 6;
const CONTENT_SIZE_BYTES = 8;
const WORD_BYTES = 4;
const UNCOMPRESSED_BLOCK = 0x80000000;
/** Block size codes 4 to 7 of BD stand for 64 KiB, 256 KiB, 1 MiB and 4 MiB. */
const MIN_BLOCK_SIZE_CODE = 4;
const MIN_MATCH_BYTES = 4;
/** A length nibble of 15 goes on in the bytes after it. */
const LONG_LENGTH = 15;
/** From here on a call of the runtime's own copy costs less than a loop. */
const LONG_COPY_BYTES = 48;
/** A token, the 14 literals it may announce and the distance, or the whole words that copy the literals. */
const SHORT_SEQUENCE_BYTES = 1 + 16 + 2;
/** What such a sequence writes at most, whole words included: 14 literals and a match of 18 bytes. */
const SHORT_CONTENT_BYTES = 14 + 20;

interface FrameHeader {
  readonly lengthBytes: number;
  readonly maxBlockBytes: number;
  readonly linkedBlocks: boolean;
  readonly blockChecksums: boolean;
  readonly contentChecksum: boolean;
  /** Null when the frame does not say it. */
  readonly contentBytes: number | null;
}

/** Where the decoder stands. One object for each frame; blocks allocate nothing. */
interface Progress {
  readonly source: Uint8Array;
  readonly target: Uint8Array;
  readonly sourceView: DataView;
  readonly targetView: DataView;
  /** The next byte to read, and to write. */
  at: number;
  written: number;
  /** The bounds of the block: its last byte is before `blockEnd`, and its content must end at `limit` or before. */
  blockEnd: number;
  limit: number;
  /** Matches reach back to here. */
  oldest: number;
}

/**
 * Decodes one LZ4 frame (lz4_Frame_format.md 1.6.4) into the start of `target` and returns the number of bytes written.
 * Never writes past `target`, so its length is the cap against frames that blow up.
 *
 * It refuses whatever a decoder of a client could refuse or read differently, wrong checksums and empty blocks included: an accepted frame
 * is served to other clients as it is.
 *
 * @throws {XetFormatError} for a malformed frame, trailing bytes, a dictionary id, or more content than `target` holds.
 */
export function decodeLz4Frame(frame: Uint8Array, target: Uint8Array): number {
  const header = readHeader(frame);
  const progress: Progress = {
    source: frame,
    target,
    sourceView: new DataView(frame.buffer, frame.byteOffset, frame.length),
    targetView: new DataView(target.buffer, target.byteOffset, target.length),
    at: header.lengthBytes,
    written: 0,
    blockEnd: 0,
    limit: 0,
    oldest: 0,
  };
  while (decodeNextBlock(progress, header));
  const { written } = progress;
  if (header.contentBytes !== null && header.contentBytes !== written) {
    throw new XetFormatError(
      `The LZ4 frame announces ${header.contentBytes} bytes of content and has ${written}.`,
    );
  }
  if (header.contentChecksum && nextWord(progress) !== xxhash32(target.subarray(0, written))) {
    throw new XetFormatError('The content checksum of the LZ4 frame is wrong.');
  }
  if (progress.at !== frame.length)
    throw new XetFormatError('There are bytes after the end of the LZ4 frame.');
  return written;
}

function readHeader(frame: Uint8Array): FrameHeader {
  if (frame.length <= FIXED_HEADER_BYTES) throw truncated();
  if (wordAt(frame, 0) !== FRAME_MAGIC) {
    throw new XetFormatError('The compressed data is not an LZ4 frame.');
  }
  const flags = frame[4]!;
  const blockSize = frame[5]!;
  if (flags >> 6 !== 1 || (flags & 0b10) !== 0 || (blockSize & 0b1000_1111) !== 0) {
    throw new XetFormatError('The header of the LZ4 frame has an unknown version or reserved bits.');
  }
  if ((flags & 1) !== 0) throw new XetFormatError('LZ4 frames with a dictionary are not accepted.');
  const blockSizeCode = blockSize >> 4;
  if (blockSizeCode < MIN_BLOCK_SIZE_CODE) {
    throw new XetFormatError(`The LZ4 frame has the unknown block size code ${blockSizeCode}.`);
  }
  const hasContentSize = (flags & 0b1000) !== 0;
  const checksumAt = FIXED_HEADER_BYTES + (hasContentSize ? CONTENT_SIZE_BYTES : 0);
  if (frame.length <= checksumAt) throw truncated();
  if (((xxhash32(frame.subarray(WORD_BYTES, checksumAt)) >> 8) & 0xff) !== frame[checksumAt]) {
    throw new XetFormatError('The header checksum of the LZ4 frame is wrong.');
  }
  return {
    lengthBytes: checksumAt + 1,
    maxBlockBytes: 2 ** (2 * blockSizeCode + 8),
    linkedBlocks: (flags & 0b10_0000) === 0,
    blockChecksums: (flags & 0b1_0000) !== 0,
    contentChecksum: (flags & 0b100) !== 0,
    contentBytes: hasContentSize
      ? wordAt(frame, FIXED_HEADER_BYTES) + wordAt(frame, FIXED_HEADER_BYTES + WORD_BYTES) * 2 ** 32
      : null,
  };
}

/** False when it found the end mark instead of a block. */
function decodeNextBlock(progress: Progress, header: FrameHeader): boolean {
  const size = nextWord(progress);
  if (size === 0) return false;
  const storedBytes = size % UNCOMPRESSED_BLOCK;
  const { source, target, at, written } = progress;
  if (storedBytes > header.maxBlockBytes) {
    throw new XetFormatError('A block of the LZ4 frame is larger than its header allows.');
  }
  if (storedBytes > source.length - at) throw truncated();
  progress.blockEnd = at + storedBytes;
  progress.limit = Math.min(target.length, written + header.maxBlockBytes);
  progress.oldest = header.linkedBlocks ? 0 : written;
  if (size >= UNCOMPRESSED_BLOCK) copyBlock(progress);
  else decompressBlock(progress);
  // Decoders that read by blocks take an empty one for the end.
  if (progress.written === written) throw new XetFormatError('A block of the LZ4 frame has no content.');
  if (header.blockChecksums && nextWord(progress) !== xxhash32(source.subarray(at, at + storedBytes))) {
    throw new XetFormatError('A block checksum of the LZ4 frame is wrong.');
  }
  return true;
}

function copyBlock(progress: Progress): void {
  const { source, target, at, blockEnd, written, limit } = progress;
  if (blockEnd - at > limit - written) throw tooLong(target);
  target.set(source.subarray(at, blockEnd), written);
  progress.at = blockEnd;
  progress.written = written + blockEnd - at;
}

/** lz4_Block_format.md: sequences of literals and a match; the last one is literals only. */
function decompressBlock(progress: Progress): void {
  const { source, blockEnd } = progress;
  for (;;) {
    decodeShortSequences(progress);
    if (progress.at >= blockEnd) throw broken();
    const token = source[progress.at++]!;
    copyLiterals(progress, readLength(progress, token >> 4));
    if (progress.at === blockEnd) return;
    if (blockEnd - progress.at < 2) throw broken();
    const distance = source[progress.at]! | (source[progress.at + 1]! << 8);
    progress.at += 2;
    copyMatch(progress, distance, readLength(progress, token & LONG_LENGTH) + MIN_MATCH_BYTES);
  }
}

/**
 * Most sequences have lengths that fit into their token. Away from the ends of the block they need no checks but that of the distance, and
 * they are copied by whole words: what is written too much lies before `limit` and is overwritten by what follows.
 * Stops before the first sequence that is not of this kind.
 */
function decodeShortSequences(progress: Progress): void {
  const { source, sourceView, targetView, oldest } = progress;
  const lastAt = progress.blockEnd - SHORT_SEQUENCE_BYTES;
  const lastWritten = progress.limit - SHORT_CONTENT_BYTES;
  let { at, written } = progress;
  while (at <= lastAt && written <= lastWritten) {
    const token = source[at]!;
    const literals = token >> 4;
    const matched = token & LONG_LENGTH;
    if (literals === LONG_LENGTH || matched === LONG_LENGTH) break;
    targetView.setInt32(written, sourceView.getInt32(at + 1));
    targetView.setInt32(written + 4, sourceView.getInt32(at + 5));
    targetView.setInt32(written + 8, sourceView.getInt32(at + 9));
    targetView.setInt32(written + 12, sourceView.getInt32(at + 13));
    const matchAt = at + 1 + literals;
    const distance = source[matchAt]! | (source[matchAt + 1]! << 8);
    const to = written + literals;
    // A word is read before it is written, so a match may overlap what it writes, but not within the word.
    if (distance < WORD_BYTES || distance > to - oldest) break;
    const from = to - distance;
    targetView.setInt32(to, targetView.getInt32(from));
    targetView.setInt32(to + 4, targetView.getInt32(from + 4));
    targetView.setInt32(to + 8, targetView.getInt32(from + 8));
    targetView.setInt32(to + 12, targetView.getInt32(from + 12));
    targetView.setInt32(to + 16, targetView.getInt32(from + 16));
    at = matchAt + 2;
    written = to + matched + MIN_MATCH_BYTES;
  }
  progress.at = at;
  progress.written = written;
}

/** The length that a nibble begins: 15 adds the next byte, and as long as that is 255, one more. */
function readLength(progress: Progress, nibble: number): number {
  if (nibble < LONG_LENGTH) return nibble;
  const { source, blockEnd } = progress;
  let length = nibble;
  for (let more = 255; more === 255; length += more) {
    if (progress.at >= blockEnd) throw broken();
    more = source[progress.at++]!;
  }
  return length;
}

function copyLiterals(progress: Progress, count: number): void {
  const { source, target, at, written } = progress;
  if (count > progress.blockEnd - at) throw broken();
  if (count > progress.limit - written) throw tooLong(target);
  if (count >= LONG_COPY_BYTES) {
    target.set(source.subarray(at, at + count), written);
  } else {
    for (let i = 0; i < count; i++) target[written + i] = source[at + i]!;
  }
  progress.at = at + count;
  progress.written = written + count;
}

function copyMatch(progress: Progress, distance: number, count: number): void {
  const { target, written } = progress;
  if (distance === 0 || distance > written - progress.oldest) throw broken();
  if (count > progress.limit - written) throw tooLong(target);
  const from = written - distance;
  if (count >= LONG_COPY_BYTES && distance >= count) {
    target.copyWithin(written, from, from + count);
  } else if (count >= LONG_COPY_BYTES && distance === 1) {
    target.fill(target[from]!, written, written + count);
  } else {
    // Byte by byte: a match may overlap what it writes, which repeats it.
    for (let i = 0; i < count; i++) target[written + i] = target[from + i]!;
  }
  progress.written = written + count;
}

function nextWord(progress: Progress): number {
  if (progress.source.length - progress.at < WORD_BYTES) throw truncated();
  const value = wordAt(progress.source, progress.at);
  progress.at += WORD_BYTES;
  return value;
}

/** Four bytes as a little-endian number, unsigned. */
function wordAt(bytes: Uint8Array, at: number): number {
  return (bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)) >>> 0;
}

function truncated(): XetFormatError {
  return new XetFormatError('The LZ4 frame ends too early.');
}

function broken(): XetFormatError {
  return new XetFormatError('A block of the LZ4 frame is damaged.');
}

function tooLong(target: Uint8Array): XetFormatError {
  return new XetFormatError(
    `The LZ4 frame or one of its blocks holds more than was announced; at most ${target.length} bytes fit.`,
  );
}
