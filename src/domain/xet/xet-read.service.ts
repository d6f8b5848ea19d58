import type { Readable } from 'node:stream';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Sha256 } from '../../lib/sha256.ts';
import { streamOf } from '../../lib/stream-of.ts';
import { type ByteSpan, spanOf } from '../../storage/byte-range.ts';
import type { ByteRange, ObjectRead, ObjectStore } from '../../storage/object-store.ts';
import { MAX_CHUNK_BYTES } from '../../xet/chunker.ts';
import { XetFormatError } from '../../xet/xet-errors.ts';
import type { XetHash } from '../../xet/xet-hash.ts';
import { decodeChunk } from '../../xet/xorb.ts';
import { Forbidden, ObjectPruned } from '../errors.ts';
import { Service } from '../service.ts';
import { cutTerms } from './plan-reconstruction.ts';
import { readXetFile } from './xet-file.queries.ts';
import { type ContentPlace, locateContent } from './xet-read.queries.ts';
import { ChunkCutter } from './xet-read-chunks.ts';
import { type ReadPiece, readPieces } from './xet-read-pieces.ts';
import { OpenAhead, openSpan } from './xet-read-stream.ts';
import { findXorbs, readXorbIndexes } from './xorb.queries.ts';

/** Decoded bytes that are passed on together: a few chunks, a millisecond of work. */
const BATCH_BYTES = 512 * 1024;
/** Reads of the object store that wait ready for their turn. */
const READS_AHEAD = 2;

/** Reads files that are kept in xorbs, for clients that know nothing of them. */
export class XetReadService extends Service {
  /**
   * The bytes of a file or a range of them, put together while they are read. The caller drains or destroys `body`; an error on the
   * way destroys it. Permissions are not checked here.
   * @throws {ObjectPruned} @throws {RangeNotSatisfiable}
   */
  async open(hash: XetHash, range?: ByteRange): Promise<ObjectRead> {
    const { sql, store } = this.deps;
    const file = await readXetFile(sql, hash);
    if (!file) throw contentIsGone();
    const span = spanOf(range, file.sizeBytes);
    const cut = await cutTerms({
      terms: file.terms,
      span,
      loadIndexes: (hashes) => readXorbIndexes(sql, hashes),
    });
    const xorbs = await findXorbs(sql, [...new Set(cut.terms.map((term) => term.xorb))]);
    const body = await openPieces(store, readPieces(cut.terms, xorbs), {
      offsetBytes: cut.skipBytes,
      lengthBytes: span.lengthBytes,
    });
    return { body, sizeBytes: file.sizeBytes, ...span };
  }

  /** Where content is, for those who have a signed URL of it. @throws {Forbidden} a wrong or expired URL. @throws {ObjectPruned} */
  async findContent(sha256: Sha256, token: string): Promise<ContentPlace> {
    const claim = this.deps.xet.urls.readFile(token);
    if (claim.sha256 !== sha256)
      throw new Forbidden('This URL was made for another file. Ask for the file again.');
    const place = await locateContent(this.deps.sql, sha256);
    if (!place) throw contentIsGone();
    return place;
  }

  /** The bytes of what `findContent` found, or a range of them; as `open`. */
  openContent({ storageKey, xetHash }: ContentPlace, range?: ByteRange): Promise<ObjectRead> {
    if (storageKey === null) return this.open(xetHash!, range);
    return this.deps.store.get(storageKey, range && { range });
  }
}

/** The span is of the bytes that the pieces give together. */
async function openPieces(
  store: ObjectStore,
  pieces: readonly ReadPiece[],
  span: ByteSpan,
): Promise<Readable> {
  const abort = new AbortController();
  const reads = new OpenAhead(pieces, {
    open: ({ key, start, end }) =>
      openSpan(store, key, { offsetBytes: start, lengthBytes: end - start, signal: abort.signal }),
    ahead: READS_AHEAD,
  });
  try {
    // What cannot be read at all is an error of the request, not one in the middle of an answer.
    await reads.ready();
  } catch (error) {
    abort.abort();
    throw error;
  }
  return streamOf(sliced(contents(reads), span), abort);
}

/** What the pieces hold, in buffers of their own. */
async function* contents(reads: OpenAhead<ReadPiece, Readable>): AsyncGenerator<Buffer> {
  for await (const [piece, body] of reads.all()) {
    const slices = body as AsyncIterable<Buffer>;
    yield* piece.kind === 'raw' ? slices : decoded(slices);
  }
}

async function* decoded(slices: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const cutter = new ChunkCutter();
  let batch = Buffer.allocUnsafeSlow(BATCH_BYTES);
  let filled = 0;
  for await (const slice of slices) {
    for (const chunk of cutter.cut(slice)) {
      if (BATCH_BYTES - filled < MAX_CHUNK_BYTES) {
        // A slice may hold a hundred times its length, and others are waiting too.
        await nextTurn();
        yield batch.subarray(0, filled);
        batch = Buffer.allocUnsafeSlow(BATCH_BYTES);
        filled = 0;
      }
      filled += decodeStored(chunk, batch.subarray(filled));
    }
  }
  if (!cutter.isBetweenChunks) throw new Error('A stored xorb ends inside a chunk.');
  yield batch.subarray(0, filled);
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

async function* sliced(
  source: AsyncIterable<Buffer>,
  { offsetBytes, lengthBytes }: ByteSpan,
): AsyncGenerator<Buffer> {
  let skip = offsetBytes;
  let left = lengthBytes;
  if (left === 0) return;
  for await (const bytes of source) {
    const part = bytes.subarray(skip, skip + left);
    skip = Math.max(0, skip - bytes.length);
    left -= part.length;
    if (part.length > 0) yield part;
    if (left === 0) return;
  }
  throw new Error(`The stored chunks of a file end ${left} bytes too early.`);
}

function contentIsGone(): ObjectPruned {
  return new ObjectPruned('The bytes of this file were removed from the hub; its history still names them.');
}
