import { diffArrays } from 'diff';

/** So many lines of the old text, from a line on, give way to so many of the new one. Line numbers count from 0. */
export interface LineChange {
  readonly beforeStart: number;
  readonly beforeCount: number;
  readonly afterStart: number;
  readonly afterCount: number;
}

/** Differences beyond this are not worth the time: the work grows with the square. */
const MAX_EDITS = 1500;

/**
 * What turns one list of lines into another, in order. It is always right; within `timeMs`, and for less than some thousand edits among
 * lines that both sides have, it is also as short as can be. Beyond that, what lies between the first and the last difference is
 * replaced as a whole.
 */
export function diffLines(
  before: readonly string[],
  after: readonly string[],
  timeMs: number,
): readonly LineChange[] {
  const start = commonStart(before, after);
  const end = commonEnd(before, after, start);
  const middle = {
    before: before.slice(start, before.length - end),
    after: after.slice(start, after.length - end),
  };
  const pairs = matchingLines(middle.before, middle.after, timeMs);
  const changes: LineChange[] = [];
  let [left, right] = [0, 0];
  for (const [nextLeft, nextRight] of [...pairs, [middle.before.length, middle.after.length] as const]) {
    if (nextLeft > left || nextRight > right) {
      changes.push({
        beforeStart: start + left,
        beforeCount: nextLeft - left,
        afterStart: start + right,
        afterCount: nextRight - right,
      });
    }
    left = nextLeft + 1;
    right = nextRight + 1;
  }
  return changes;
}

function commonStart(a: readonly string[], b: readonly string[]): number {
  const limit = Math.min(a.length, b.length);
  let count = 0;
  while (count < limit && a[count] === b[count]) count++;
  return count;
}

function commonEnd(a: readonly string[], b: readonly string[], start: number): number {
  const limit = Math.min(a.length, b.length) - start;
  let count = 0;
  while (count < limit && a[a.length - 1 - count] === b[b.length - 1 - count]) count++;
  return count;
}

type Pair = readonly [before: number, after: number];

/** Indices of lines that stay, ascending. A line that only one side has cannot stay, so it is left out of the search. */
function matchingLines(before: readonly string[], after: readonly string[], timeMs: number): readonly Pair[] {
  const inBefore = new Set(before);
  const inAfter = new Set(after);
  const left = indicesOf(before, inAfter);
  const right = indicesOf(after, inBefore);
  if (left.length === 0 || right.length === 0) return [];
  const ids = new Map<string, number>();
  const idOf = (line: string): number => {
    const id = ids.get(line) ?? ids.size;
    ids.set(line, id);
    return id;
  };
  const parts = diffArrays(
    left.map((index) => idOf(before[index]!)),
    right.map((index) => idOf(after[index]!)),
    { maxEditLength: MAX_EDITS, timeout: Math.max(timeMs, 1) },
  );
  const pairs: Pair[] = [];
  let [l, r] = [0, 0];
  for (const { added, removed, count } of parts ?? []) {
    if (!added && !removed) for (let i = 0; i < count; i++) pairs.push([left[l + i]!, right[r + i]!]);
    if (!added) l += count;
    if (!removed) r += count;
  }
  return pairs;
}

function indicesOf(lines: readonly string[], wanted: ReadonlySet<string>): number[] {
  const indices: number[] = [];
  for (const [index, line] of lines.entries()) if (wanted.has(line)) indices.push(index);
  return indices;
}
