import type { ByteSpan } from '../../storage/byte-range.ts';
import type { XorbId } from '../../xet/xorb-id.ts';
import { serializedRange, type XorbIndex } from '../../xet/xorb-index.ts';
import type { FileTerm } from '../../xet/file-terms.ts';

/** Neighbouring chunks of a xorb. Ends are exclusive; bytes are those of the serialized xorb. */
export type XorbPart = Pick<FileTerm, 'chunkStart' | 'chunkEnd' | 'byteStart' | 'byteEnd'>;

/** The terms that hold a part of a file: whole chunks, so there may be more bytes at both ends. */
export interface CutTerms {
  readonly terms: readonly FileTerm[];
  /** Bytes of the first term that lie before the part. */
  readonly skipBytes: number;
}

/** What to fetch for a part of a file, and how to put it together. */
export interface ReconstructionPlan extends CutTerms {
  /** Ascending and apart from each other; each term lies inside one of its xorb's. */
  readonly parts: ReadonlyMap<XorbId, readonly XorbPart[]>;
}

export interface PlanRequest {
  /** All terms of the file. */
  readonly terms: readonly FileTerm[];
  /** Lies inside the file. */
  readonly span: ByteSpan;
  /** Indexes of at most two xorbs: those in which the part begins and ends. */
  readonly loadIndexes: (xorbs: readonly XorbId[]) => Promise<ReadonlyMap<XorbId, XorbIndex>>;
}

/** The same request always gives the same plan: clients compare what they are told again with what they knew. */
export async function planReconstruction(request: PlanRequest): Promise<ReconstructionPlan> {
  const cut = await cutTerms(request);
  return { ...cut, parts: mergeParts(cut.terms) };
}

/** Leaves out the terms outside of the span, and of the first and the last one the chunks outside of it. */
export async function cutTerms({ terms, span, loadIndexes }: PlanRequest): Promise<CutTerms> {
  const spanEnd = span.offsetBytes + span.lengthBytes;
  const kept: { term: FileTerm; from: number; to: number }[] = [];
  let offset = 0;
  for (const term of terms) {
    const [from, to] = [Math.max(0, span.offsetBytes - offset), Math.min(term.rawBytes, spanEnd - offset)];
    if (from < to) kept.push({ term, from, to });
    offset += term.rawBytes;
    if (offset >= spanEnd) break;
  }
  const isCut = kept.map(
    ({ term, from, to }) => term.chunkEnd - term.chunkStart > 1 && (from > 0 || to < term.rawBytes),
  );
  const xorbs = new Set(kept.filter((_, i) => isCut[i]).map(({ term }) => term.xorb));
  const indexes = xorbs.size === 0 ? new Map<XorbId, XorbIndex>() : await loadIndexes([...xorbs]);
  let skipBytes = kept[0]?.from ?? 0;
  const trimmed = kept.map(({ term, from, to }, i) => {
    if (!isCut[i]) return term;
    const trimmed = trimTerm(term, indexOf(indexes, term.xorb), { from, to });
    if (i === 0) skipBytes = from - trimmed.droppedBytes;
    return trimmed.term;
  });
  return { terms: trimmed, skipBytes };
}

/** What the terms need of each xorb. Overlapping and adjacent ranges become one. */
function mergeParts(terms: readonly FileTerm[]): ReadonlyMap<XorbId, readonly XorbPart[]> {
  const byXorb = Map.groupBy(terms, (term) => term.xorb);
  return new Map([...byXorb].map(([xorb, parts]) => [xorb, merged(parts)]));
}

function merged(parts: readonly XorbPart[]): XorbPart[] {
  const [first, ...rest] = parts.toSorted((a, b) => a.chunkStart - b.chunkStart);
  const done: XorbPart[] = [];
  let current = partOf(first!);
  for (const part of rest) {
    if (part.chunkStart > current.chunkEnd) {
      done.push(current);
      current = partOf(part);
    } else if (part.chunkEnd > current.chunkEnd) {
      current = { ...current, chunkEnd: part.chunkEnd, byteEnd: part.byteEnd };
    }
  }
  return [...done, current];
}

function partOf({ chunkStart, chunkEnd, byteStart, byteEnd }: XorbPart): XorbPart {
  return { chunkStart, chunkEnd, byteStart, byteEnd };
}

/** The term's chunks that hold some of its bytes `from` to before `to`, and how many bytes were left out before them. */
function trimTerm(
  term: FileTerm,
  index: XorbIndex,
  { from, to }: { readonly from: number; readonly to: number },
): { term: FileTerm; droppedBytes: number } {
  let { chunkStart } = term;
  let droppedBytes = 0;
  while (droppedBytes + index.lengths[chunkStart]! <= from) droppedBytes += index.lengths[chunkStart++]!;
  let chunkEnd = chunkStart;
  let end = droppedBytes;
  while (end < to) end += index.lengths[chunkEnd++]!;
  const bytes = serializedRange(index, chunkStart, chunkEnd);
  return {
    term: {
      xorb: term.xorb,
      chunkStart,
      chunkEnd,
      byteStart: bytes.start,
      byteEnd: bytes.end,
      rawBytes: end - droppedBytes,
    },
    droppedBytes,
  };
}

function indexOf(indexes: ReadonlyMap<XorbId, XorbIndex>, xorb: XorbId): XorbIndex {
  const index = indexes.get(xorb);
  if (!index) throw new Error(`The xorb ${xorb} is missing although a file needs it.`);
  return index;
}
