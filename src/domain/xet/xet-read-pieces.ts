import type { ObjectKey } from '../../storage/keys.ts';
import type { XorbId } from '../../xet/xorb-id.ts';
import { CHUNK_HEADER_BYTES } from '../../xet/xorb-index.ts';
import type { FileTerm } from '../../xet/file-terms.ts';
import type { Xorb } from './xorb.queries.ts';

/** One read of the object store. */
export interface ReadPiece {
  readonly key: ObjectKey;
  readonly start: number;
  /** Exclusive. */
  readonly end: number;
  /** `chunks`: as a xorb holds them, each with its header. `raw`: the file's own bytes. */
  readonly kind: 'chunks' | 'raw';
}

/** Which reads give the bytes of the terms, one after another. What lies side by side is read at once. */
export function readPieces(
  terms: readonly FileTerm[],
  xorbs: ReadonlyMap<XorbId, Pick<Xorb, 'place'>>,
): ReadPiece[] {
  const pieces: ReadPiece[] = [];
  for (const term of terms) {
    const xorb = xorbs.get(term.xorb);
    if (!xorb) throw new Error(`The xorb ${term.xorb} is missing although a file needs it.`);
    const piece = pieceOf(term, xorb);
    const last = pieces.at(-1);
    if (last && last.key === piece.key && last.end === piece.start)
      pieces[pieces.length - 1] = { ...last, end: piece.end };
    else pieces.push(piece);
  }
  return pieces;
}

function pieceOf(term: FileTerm, { place }: Pick<Xorb, 'place'>): ReadPiece {
  if (place.kind === 'stored')
    return { key: place.storageKey, start: term.byteStart, end: term.byteEnd, kind: 'chunks' };
  // Nothing is compressed in a virtual xorb: without the headers of the chunks before it, the offset is that of the blob.
  const start = place.blobOffsetBytes + term.byteStart - CHUNK_HEADER_BYTES * term.chunkStart;
  return { key: place.blobKey, start, end: start + term.rawBytes, kind: 'raw' };
}
