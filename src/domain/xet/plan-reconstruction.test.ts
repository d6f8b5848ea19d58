import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { XorbId } from '../../xet/xorb-id.ts';
import {
  CHUNK_HEADER_BYTES,
  emptyXorbIndex,
  rawRangeBytes,
  serializedRange,
  type XorbIndex,
} from '../../xet/xorb-index.ts';
import type { FileTerm } from '../../xet/file-terms.ts';
import { planReconstruction } from './plan-reconstruction.ts';

function hashOf(number: number): XorbId {
  return String(number).padStart(64, '0') as XorbId;
}

/** A xorb whose chunks have these lengths; what is stored of each is shorter by one byte, except where nothing is left. */
function indexOf(lengths: readonly number[]): XorbIndex {
  const index = emptyXorbIndex(lengths.length);
  let end = 0;
  for (const [i, length] of lengths.entries()) {
    index.lengths[i] = length;
    index.ends[i] = end += CHUNK_HEADER_BYTES + Math.max(1, length - 1);
  }
  return index;
}

function termOf(index: XorbIndex, xorb: XorbId, chunkStart: number, chunkEnd: number): FileTerm {
  const { start, end } = serializedRange(index, chunkStart, chunkEnd);
  const rawBytes = rawRangeBytes(index, chunkStart, chunkEnd);
  return { xorb, chunkStart, chunkEnd, byteStart: start, byteEnd: end, rawBytes };
}

interface SampleFile {
  readonly indexes: ReadonlyMap<XorbId, XorbIndex>;
  readonly terms: readonly FileTerm[];
  readonly offset: number;
  readonly length: number;
}

/** A few xorbs, terms over them in any order, and a span inside of the file. */
const samples: fc.Arbitrary<SampleFile> = fc
  .record({
    xorbs: fc.array(fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 1, maxLength: 8 }), {
      minLength: 1,
      maxLength: 3,
    }),
    picks: fc.array(fc.tuple(fc.nat(), fc.nat(), fc.nat()), { minLength: 1, maxLength: 10 }),
    from: fc.nat(),
    length: fc.nat(),
  })
  .map(({ xorbs, picks, from, length }) => {
    const indexes = new Map(xorbs.map((lengths, i) => [hashOf(i), indexOf(lengths)]));
    const terms = picks.map(([xorb, first, count]) => {
      const hash = hashOf(xorb % xorbs.length);
      const index = indexes.get(hash)!;
      const start = first % index.lengths.length;
      return termOf(index, hash, start, start + 1 + (count % (index.lengths.length - start)));
    });
    const sizeBytes = terms.reduce((sum, term) => sum + term.rawBytes, 0);
    const offset = from % sizeBytes;
    return { indexes, terms, offset, length: 1 + (length % (sizeBytes - offset)) };
  });

/** Every byte of the terms, named by chunk and place: what a reader of these terms gets. */
function bytesOf(indexes: ReadonlyMap<XorbId, XorbIndex>, terms: readonly FileTerm[]): string[] {
  return terms.flatMap((term) => {
    const { lengths } = indexes.get(term.xorb)!;
    return Array.from({ length: term.chunkEnd - term.chunkStart }, (_, i) => term.chunkStart + i).flatMap(
      (chunk) => Array.from({ length: lengths[chunk]! }, (_, byte) => `${term.xorb}:${chunk}:${byte}`),
    );
  });
}

async function plan({ indexes, terms, offset, length }: SampleFile) {
  const loaded: XorbId[] = [];
  const planned = await planReconstruction({
    terms,
    span: { offsetBytes: offset, lengthBytes: length },
    loadIndexes: async (hashes) => {
      loaded.push(...hashes);
      return indexes;
    },
  });
  return { ...planned, loaded };
}

describe('planReconstruction', () => {
  it('gives exactly the bytes of the span, in whole chunks and none too many', async () => {
    await fc.assert(
      fc.asyncProperty(samples, async (sample) => {
        const { terms, skipBytes } = await plan(sample);
        const { indexes, offset, length } = sample;
        const wanted = bytesOf(indexes, sample.terms).slice(offset, offset + length);
        const given = bytesOf(indexes, terms);
        expect(given.slice(skipBytes, skipBytes + length)).toEqual(wanted);
        const [first, last] = [terms[0]!, terms.at(-1)!];
        expect(skipBytes).toBeLessThan(indexes.get(first.xorb)!.lengths[first.chunkStart]!);
        const lastChunk = indexes.get(last.xorb)!.lengths[last.chunkEnd - 1]!;
        expect(given.length - skipBytes - length).toBeLessThan(lastChunk);
      }),
    );
  });

  it('says of each term what its xorb says', async () => {
    await fc.assert(
      fc.asyncProperty(samples, async (sample) => {
        const { terms } = await plan(sample);
        for (const term of terms)
          expect(term).toEqual(
            termOf(sample.indexes.get(term.xorb)!, term.xorb, term.chunkStart, term.chunkEnd),
          );
      }),
    );
  });

  it('lets each term lie inside one part, and parts lie apart and in order', async () => {
    await fc.assert(
      fc.asyncProperty(samples, async (sample) => {
        const { terms, parts } = await plan(sample);
        for (const term of terms) {
          const around = parts
            .get(term.xorb)!
            .filter((part) => part.chunkStart <= term.chunkStart && term.chunkEnd <= part.chunkEnd);
          expect(around).toHaveLength(1);
        }
        for (const [xorb, ranges] of parts) {
          for (const [i, range] of ranges.entries()) {
            const { start, end } = serializedRange(
              sample.indexes.get(xorb)!,
              range.chunkStart,
              range.chunkEnd,
            );
            expect([range.byteStart, range.byteEnd]).toEqual([start, end]);
            expect(ranges[i - 1]?.chunkEnd ?? -1).toBeLessThan(range.chunkStart);
          }
          const needed = new Set(
            terms
              .filter((term) => term.xorb === xorb)
              .flatMap((term) => bytesOf(sample.indexes, [term]).map((byte) => byte.split(':')[1])),
          );
          expect(ranges.reduce((sum, range) => sum + range.chunkEnd - range.chunkStart, 0)).toBe(needed.size);
        }
      }),
    );
  });

  it('is the same again, and reads at most the indexes of its two ends', async () => {
    await fc.assert(
      fc.asyncProperty(samples, async (sample) => {
        const [first, second] = [await plan(sample), await plan(sample)];
        expect(JSON.stringify([...first.parts])).toBe(JSON.stringify([...second.parts]));
        expect(first).toEqual(second);
        const ends = new Set([first.terms[0]!.xorb, first.terms.at(-1)!.xorb]);
        expect(first.loaded.every((xorb) => ends.has(xorb))).toBe(true);
      }),
    );
  });

  it('reads no index for a whole file', async () => {
    const index = indexOf([5, 6, 7]);
    const term = termOf(index, hashOf(1), 0, 3);
    const { terms, skipBytes, loaded } = await plan({
      indexes: new Map([[hashOf(1), index]]),
      terms: [term, term],
      offset: 0,
      length: 36,
    });
    expect([terms, skipBytes, loaded]).toEqual([[term, term], 0, []]);
  });

  it('gives an empty file no terms', async () => {
    const { terms, skipBytes, parts } = await plan({ indexes: new Map(), terms: [], offset: 0, length: 0 });
    expect([terms, skipBytes, parts.size]).toEqual([[], 0, 0]);
  });
});
