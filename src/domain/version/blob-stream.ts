import { pipeline, Readable, Transform } from 'node:stream';
import { createInflate } from 'node:zlib';
import { decodeEntryHeader } from '../../git/pack-entry.ts';
import { objectTypeOfCode } from '../../git/object.ts';
import { CorruptPack } from '../../git/pack-reader.ts';
import type { ByteSpan } from '../../storage/byte-range.ts';

const INFLATE_CHUNK_BYTES = 256 * 1024;
/** Type and a size below 2^53 fit; a complete header is never longer. */
const MAX_ENTRY_HEADER_BYTES = 10;

/**
 * Content of one packed blob, or a span of it, at the pace of the reader. Destroying the result destroys `entry` too. Fails with
 * `CorruptPack` when the entry is not a blob of exactly `sizeBytes`; a span that ends early is not checked behind its end.
 */
export function inflateBlob(entry: Readable, sizeBytes: number, span: ByteSpan): Readable {
  const inflated = pipeline(
    entry,
    new EntryHeaderCutter(sizeBytes),
    createInflate({ chunkSize: INFLATE_CHUNK_BYTES }),
    // The error reaches the reader by the stream itself.
    () => {},
  );
  return Readable.from(cut(inflated, sizeBytes, span), { objectMode: false });
}

async function* cut(
  content: AsyncIterable<Buffer>,
  sizeBytes: number,
  { offsetBytes, lengthBytes }: ByteSpan,
): AsyncGenerator<Buffer> {
  const end = offsetBytes + lengthBytes;
  let at = 0;
  for await (const chunk of content) {
    const part = chunk.subarray(Math.max(offsetBytes - at, 0), Math.max(end - at, 0));
    at += chunk.length;
    if (at > sizeBytes) throw new CorruptPack('the pack entry is larger than it announces');
    if (part.length > 0) yield part;
    if (at >= end && end < sizeBytes) return;
  }
  if (at !== sizeBytes) throw new CorruptPack('the pack entry is smaller than it announces');
}

/** Drops the header of a pack entry after checking that it announces a blob of the given size. */
class EntryHeaderCutter extends Transform {
  readonly #sizeBytes: number;
  #head: Buffer | null = Buffer.alloc(0);

  constructor(sizeBytes: number) {
    super();
    this.#sizeBytes = sizeBytes;
  }

  override _transform(
    chunk: Buffer,
    _encoding: BufferEncoding,
    done: (error: Error | null, data?: Buffer) => void,
  ): void {
    if (this.#head === null) return done(null, chunk);
    const head = Buffer.concat([this.#head, chunk]);
    const header = decodeEntryHeader(head);
    if (!header && head.length < MAX_ENTRY_HEADER_BYTES) {
      this.#head = head;
      return done(null);
    }
    if (!header || objectTypeOfCode(header.typeCode) !== 'blob' || header.sizeBytes !== this.#sizeBytes) {
      return done(new CorruptPack('the pack entry is not the blob that its row describes'));
    }
    this.#head = null;
    return done(null, head.subarray(header.headerBytes));
  }
}
