import { ObjectNotFound } from '../../storage/errors.ts';
import type { ObjectKey, ObjectStore } from '../../storage/object-store.ts';
import type { FileCheck } from '../../xet/xet-pool.ts';
import type { XorbId } from '../../xet/xorb-id.ts';
import { CHUNK_HEADER_BYTES } from '../../xet/xorb-index.ts';
import { Unavailable } from '../errors.ts';
import { type FileTerm, termsIn } from '../../xet/file-terms.ts';
import type { XorbPlace } from './xorb.queries.ts';

/** Bytes that are read and handed to a thread at once. */
const PIECE_BYTES = 4 * 1024 * 1024;
/** Pieces that are being read while one is hashed. A far store answers late. */
const READ_AHEAD = 3;

/** A piece of what the object store holds. */
interface StoredPiece {
  readonly key: ObjectKey;
  /** `addChunks`: serialized chunks. `addContent`: the file's own bytes, of a virtual xorb. */
  readonly kind: 'addChunks' | 'addContent';
  readonly start: number;
  /** Exclusive. */
  readonly end: number;
}

/** Where bytes are read, until the signal says that nobody needs them any more. */
export interface ContentSource {
  readonly store: ObjectStore;
  readonly signal: AbortSignal;
}

/**
 * Reads a file from its xorbs and hands its bytes to a thread, piece by piece.
 *
 * @param file.terms see `encodeTerms`.
 * @param onBytes is told how many bytes were read from the store, after each piece.
 * @throws {Unavailable} a xorb was collected meanwhile. Throws the reason of the signal, and what the store and the thread throw.
 */
export async function sendContent(
  { store, signal }: ContentSource,
  file: { readonly terms: Buffer; readonly places: ReadonlyMap<XorbId, XorbPlace> },
  check: FileCheck,
  onBytes: (readBytes: number) => void,
): Promise<void> {
  const queue: { readonly kind: StoredPiece['kind']; readonly bytes: Promise<Buffer> }[] = [];
  const sendFirst = async (): Promise<void> => {
    const { kind, bytes } = queue.shift()!;
    const piece = await bytes;
    const { length } = piece;
    signal.throwIfAborted();
    await check.addPiece(kind, piece);
    onBytes(length);
  };
  for (const piece of piecesOf(termsIn(file.terms), file.places)) {
    signal.throwIfAborted();
    const bytes = readPiece({ store, signal }, piece);
    // When an earlier piece fails, nobody waits for this one any more.
    bytes.catch(() => {});
    queue.push({ kind: piece.kind, bytes });
    if (queue.length > READ_AHEAD) await sendFirst();
  }
  while (queue.length > 0) await sendFirst();
}

async function readPiece(
  { store, signal }: ContentSource,
  { key, start, end }: StoredPiece,
): Promise<Buffer> {
  try {
    return await store.read(key, { start, end: end - 1 }, signal);
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof ObjectNotFound)) throw error;
    throw xorbRemoved();
  }
}

export function xorbRemoved(): Unavailable {
  return new Unavailable('A xorb of this upload was removed in this moment. Try again.', {
    retryAfterSeconds: 1,
  });
}

function* piecesOf(
  terms: Iterable<FileTerm>,
  places: ReadonlyMap<XorbId, XorbPlace>,
): Generator<StoredPiece> {
  for (const run of runsOf(terms, places)) {
    for (let { start } = run; start < run.end; start += PIECE_BYTES) {
      yield { ...run, start, end: Math.min(start + PIECE_BYTES, run.end) };
    }
  }
}

/** Terms that follow each other in the store too are read as one. */
function* runsOf(terms: Iterable<FileTerm>, places: ReadonlyMap<XorbId, XorbPlace>): Generator<StoredPiece> {
  let run: StoredPiece | null = null;
  let end = 0;
  for (const term of terms) {
    const next = storedTerm(term, places.get(term.xorb)!);
    const goesOn = run?.key === next.key && run.kind === next.kind && end === next.start;
    if (!goesOn) {
      if (run) yield { ...run, end };
      run = next;
    }
    ({ end } = next);
  }
  if (run) yield { ...run, end };
}

function storedTerm({ chunkStart, chunkEnd, byteStart, byteEnd }: FileTerm, place: XorbPlace): StoredPiece {
  if (place.kind === 'stored') {
    return { key: place.storageKey, kind: 'addChunks', start: byteStart, end: byteEnd };
  }
  // The headers of a virtual xorb's chunks are made up: they are not in the blob.
  return {
    key: place.blobKey,
    kind: 'addContent',
    start: place.blobOffsetBytes + byteStart - chunkStart * CHUNK_HEADER_BYTES,
    end: place.blobOffsetBytes + byteEnd - chunkEnd * CHUNK_HEADER_BYTES,
  };
}
