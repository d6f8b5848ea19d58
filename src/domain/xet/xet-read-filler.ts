import type { Readable } from 'node:stream';
import type { ByteSpan } from '../../storage/byte-range.ts';
import type { ObjectStore } from '../../storage/object-store.ts';
import { ChunkCutter } from '../../xet/chunk-cutter.ts';
import { MAX_CHUNK_BYTES } from '../../xet/chunker.ts';
import { XetFormatError } from '../../xet/xet-errors.ts';
import { decodeChunk } from '../../xet/xorb.ts';
import { type ByteFiller, freeNow } from './xet-read-output.ts';
import type { ReadPiece } from './xet-read-pieces.ts';
import { OpenAhead, openSpan } from './xet-read-stream.ts';

/** Reads of the object store that wait ready for their turn. */
const READS_AHEAD = 2;

/** A part of a file out of the pieces that hold it. */
export class XetFileFiller implements ByteFiller {
  readonly #abort = new AbortController();
  readonly #reads: OpenAhead<ReadPiece, Readable>;
  readonly #parts: AsyncGenerator<StoredPart>;
  /** Bytes of the next part that lie before what is wanted. */
  #skipBytes: number;
  #leftBytes: number;

  /** @param span of the bytes that the pieces give together. */
  constructor(store: ObjectStore, pieces: readonly ReadPiece[], span: ByteSpan) {
    const { signal } = this.#abort;
    this.#reads = new OpenAhead(pieces, {
      open: ({ key, start, end }) =>
        openSpan(store, key, { offsetBytes: start, lengthBytes: end - start, signal }),
      ahead: READS_AHEAD,
    });
    this.#parts = partsOf(this.#reads);
    this.#skipBytes = span.offsetBytes;
    this.#leftBytes = span.lengthBytes;
  }

  /** Rejects when nothing can be read. Then it is closed. */
  async ready(): Promise<void> {
    try {
      await this.#reads.ready();
    } catch (error) {
      this.#abort.abort();
      throw error;
    }
  }

  async fill(target: Buffer): Promise<number> {
    let filled = 0;
    while (this.#leftBytes > 0 && target.length - filled >= MAX_CHUNK_BYTES) {
      const next = await this.#parts.next();
      if (next.done) throw new Error(`The stored chunks of a file end ${this.#leftBytes} bytes too early.`);
      filled += this.take(next.value, target.subarray(filled));
    }
    return filled;
  }

  async close(): Promise<void> {
    this.#abort.abort();
    await this.#parts.return(undefined);
  }

  private take({ kind, bytes }: StoredPart, target: Buffer): number {
    const lengthBytes = kind === 'raw' ? bytes.copy(target) : decodeStored(bytes, target);
    const skipped = Math.min(this.#skipBytes, lengthBytes);
    if (skipped > 0) target.copyWithin(0, skipped, lengthBytes);
    const taken = Math.min(lengthBytes - skipped, this.#leftBytes);
    this.#skipBytes -= skipped;
    this.#leftBytes -= taken;
    return taken;
  }
}

/** One chunk with its header, or as many raw bytes as a chunk may have. Valid until the next is asked for. */
interface StoredPart {
  readonly kind: ReadPiece['kind'];
  readonly bytes: Buffer;
}

async function* partsOf(reads: OpenAhead<ReadPiece, Readable>): AsyncGenerator<StoredPart> {
  for await (const [{ kind }, body] of reads.all()) {
    const cutter = new ChunkCutter();
    for await (const slice of body as AsyncIterable<Buffer>) {
      for (const bytes of kind === 'raw' ? rawParts(slice) : cutter.cut(slice)) yield { kind, bytes };
      freeNow(slice);
    }
    if (!cutter.isBetweenChunks) throw new Error('A stored xorb ends inside a chunk.');
  }
}

function* rawParts(slice: Buffer): Generator<Buffer> {
  for (let at = 0; at < slice.length; at += MAX_CHUNK_BYTES) yield slice.subarray(at, at + MAX_CHUNK_BYTES);
}

/** Xorbs are verified before they are stored: a damaged one is not the reader's fault. */
function decodeStored(chunk: Buffer, target: Buffer): number {
  try {
    return decodeChunk(chunk, 0, target).lengthBytes;
  } catch (error) {
    if (!(error instanceof XetFormatError)) throw error;
    throw new Error('A stored xorb is damaged.', { cause: error });
  }
}
