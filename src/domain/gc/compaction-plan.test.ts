import { describe, expect, it } from 'vitest';
import {
  FULL_SEGMENT_BYTES,
  FULL_SEGMENT_OBJECTS,
  MAX_SMALL_SEGMENTS,
  needsCompaction,
  planMerges,
  planRewrites,
  type SegmentFacts,
} from './compaction-plan.ts';

const HOUR_MS = 3_600_000;
const DAY = { cutoff: new Date('2026-03-09T12:00:00Z'), graceMs: 24 * HOUR_MS };

let lastId = 0;
function segment(packBytes: number, facts: Partial<SegmentFacts> = {}): SegmentFacts {
  const createdAt = new Date('2026-03-01T00:00:00Z');
  return { id: ++lastId, packBytes, objects: 10, createdAt, isInline: packBytes <= 65_536, ...facts };
}

function measured(packBytes: number, liveBytes: number) {
  return { ...segment(packBytes), liveBytes };
}

function many(count: number, packBytes: number, facts: Partial<SegmentFacts> = {}): SegmentFacts[] {
  return Array.from({ length: count }, () => segment(packBytes, facts));
}

describe('compaction', () => {
  it('is needed for many small segments, or many bytes in rows, and not for full ones', () => {
    expect(needsCompaction(many(MAX_SMALL_SEGMENTS, 1000))).toBe(false);
    expect(needsCompaction(many(MAX_SMALL_SEGMENTS + 1, 1000))).toBe(true);
    expect(needsCompaction(many(33, 64_000))).toBe(true);
    expect(needsCompaction(many(500, FULL_SEGMENT_BYTES))).toBe(false);
    expect(needsCompaction(many(500, 1_000_000, { objects: FULL_SEGMENT_OBJECTS }))).toBe(false);
  });

  it('leaves segments alone that are twice as large as all smaller ones', () => {
    const small = many(60, 1000);
    const [large, larger, full] = [segment(200_000), segment(5_000_000), segment(FULL_SEGMENT_BYTES)];
    const [group, ...others] = planMerges([larger, ...small, full, large], DAY);
    expect(others).toEqual([]);
    expect(new Set(group)).toEqual(new Set(small));
  });

  it('merges what is not, and ends', () => {
    let segments = [segment(1_000_000), ...many(60, 10_000)];
    const [group] = planMerges(segments, DAY);
    expect(group).toHaveLength(61);
    segments = [segment(group!.reduce((sum, one) => sum + one.packBytes, 0))];
    expect(planMerges(segments, DAY)).toEqual([]);
  });

  it('rewrites each byte some ten times while a store grows by a thousand commits', () => {
    let segments: SegmentFacts[] = [];
    let rewritten = 0;
    for (let commit = 0; commit < 1000; commit++) {
      segments.push(segment(10_000));
      if (!needsCompaction(segments)) continue;
      for (const group of planMerges(segments, DAY)) {
        const packBytes = group.reduce((sum, one) => sum + one.packBytes, 0);
        rewritten += packBytes;
        segments = [...segments.filter((one) => !group.includes(one)), segment(packBytes)];
      }
      expect(needsCompaction(segments)).toBe(false);
    }
    expect(rewritten).toBeLessThan(10 * 1000 * 10_000);
  });

  it('does not make old objects young', () => {
    const old = many(30, 1000);
    const yesterday = many(30, 1000, { createdAt: new Date('2026-03-09T18:00:00Z') });
    const today = many(30, 1000, { createdAt: new Date('2026-03-10T06:00:00Z') });
    const groups = planMerges([...today, ...old, ...yesterday], DAY);
    expect(groups.map((group) => new Set(group))).toEqual(
      [today, old, yesterday].map((group) => new Set(group)),
    );
  });
});

describe('a rewrite', () => {
  it('is due when half of a segment is dead, unless that is little', () => {
    const due = [measured(4_000_000, 1_900_000), measured(200_000_000, 0)];
    const fine = [measured(4_000_000, 2_100_000), measured(1_000_000, 0), measured(65_000, 100)];
    expect(planRewrites([...fine, ...due], DAY)).toEqual([due]);
  });
});
