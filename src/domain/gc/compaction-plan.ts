/** A live segment, as far as compaction cares. */
export interface SegmentFacts {
  readonly id: number;
  readonly packBytes: number;
  readonly objects: number;
  readonly createdAt: Date;
  /** The bytes are in the row. */
  readonly isInline: boolean;
}

/** The same with what objects of the store still lie in it. */
export interface MeasuredSegment extends SegmentFacts {
  readonly liveBytes: number;
}

/** A new segment is closed when it has so much: a rewrite stays small, and its transaction short. */
export const MAX_SEGMENT_BYTES = 128 * 2 ** 20;
export const MAX_SEGMENT_OBJECTS = 50_000;
/** Half of that counts as full: merging it with others gains nothing. */
export const FULL_SEGMENT_BYTES = MAX_SEGMENT_BYTES / 2;
export const FULL_SEGMENT_OBJECTS = MAX_SEGMENT_OBJECTS / 2;

/** A clone takes a third longer at 50 packs than at one, and half longer at 500. */
export const MAX_SMALL_SEGMENTS = 50;
/** Rows hold packs so that an ordinary commit makes no object store call, not to keep them for ever. */
export const MAX_INLINE_BYTES = 2 * 2 ** 20;

/** A segment is rewritten when half of it is dead, so that a store takes at most twice its size ... */
const MAX_DEAD_SHARE = 0.5;
/** ... unless that would free less than this. Small segments lose what is dead when they are merged. */
const MIN_DEAD_BYTES = 2 ** 20;
/** Header and trailer of a pack. */
const PACK_FRAME_BYTES = 32;

/** Whether a store has too many small segments, or too many bytes in rows. `findStoresToCompact` asks the same in SQL. */
export function needsCompaction(segments: readonly SegmentFacts[]): boolean {
  const inlineBytes = segments.reduce((sum, one) => sum + (one.isInline ? one.packBytes : 0), 0);
  return (
    segments.filter((segment) => !isFull(segment)).length > MAX_SMALL_SEGMENTS ||
    inlineBytes > MAX_INLINE_BYTES
  );
}

/**
 * Groups of segments to merge, so that of the small ones few are left and each is at least twice as large as all smaller ones
 * together. So no byte is rewritten more often than the logarithm of the store's size. Segments of one group are of one age, by
 * which garbage collection judges objects: garbage must not become young again with each merge.
 */
export function planMerges(
  segments: readonly SegmentFacts[],
  age: { readonly cutoff: Date; readonly graceMs: number },
): readonly (readonly SegmentFacts[])[] {
  const groups = groupByAge(
    segments.filter((segment) => !isFull(segment)),
    age,
  );
  return groups.map(smallest).filter((group) => group.length > 1);
}

/** Groups of segments with too many dead bytes. */
export function planRewrites(
  segments: readonly MeasuredSegment[],
  age: { readonly cutoff: Date; readonly graceMs: number },
): readonly (readonly SegmentFacts[])[] {
  const wasteful = segments.filter(({ packBytes, liveBytes }) => {
    const deadBytes = packBytes - PACK_FRAME_BYTES - liveBytes;
    return deadBytes >= MIN_DEAD_BYTES && deadBytes >= packBytes * MAX_DEAD_SHARE;
  });
  return groupByAge(wasteful, age);
}

function isFull({ packBytes, objects }: SegmentFacts): boolean {
  return packBytes >= FULL_SEGMENT_BYTES || objects >= FULL_SEGMENT_OBJECTS;
}

/** All that is older than the grace time is of one age; what is younger, by spans of that time: two of them at most. */
function groupByAge(
  segments: readonly SegmentFacts[],
  { cutoff, graceMs }: { readonly cutoff: Date; readonly graceMs: number },
): readonly SegmentFacts[][] {
  const groups = new Map<number, SegmentFacts[]>();
  for (const segment of segments) {
    const madeAt = segment.createdAt.getTime();
    const age = madeAt < cutoff.getTime() ? -1 : Math.floor(madeAt / Math.max(graceMs, 1));
    groups.set(age, [...(groups.get(age) ?? []), segment]);
  }
  return [...groups.values()];
}

function smallest(group: readonly SegmentFacts[]): readonly SegmentFacts[] {
  const bySize = group.toSorted((a, b) => a.packBytes - b.packBytes);
  const totals: number[] = [];
  let total = 0;
  for (const { packBytes } of bySize) totals.push((total += packBytes));
  let count = bySize.length;
  while (count > 1 && bySize[count - 1]!.packBytes >= 2 * totals[count - 2]!) count--;
  return bySize.slice(0, count);
}
