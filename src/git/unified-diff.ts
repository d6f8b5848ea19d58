import { diffLines, type LineChange } from './line-diff.ts';

/** The hunks of a unified diff, without the lines that name the files. */
export interface Hunks {
  /** Lines are the bytes of the files, whatever their encoding. Empty when both sides are the same. */
  readonly text: Buffer;
  readonly addedLines: number;
  readonly deletedLines: number;
}

const CONTEXT_LINES = 3;
/** How much of a file Git looks at to find out whether it is text (xdiff-interface.c, `buffer_is_binary`). */
const BINARY_PROBE_BYTES = 8000;

/** Git's rule: a NUL near the beginning. */
export function isBinary(bytes: Uint8Array): boolean {
  return bytes.subarray(0, BINARY_PROBE_BYTES).includes(0);
}

/** The difference of two texts as `diff -u` and git write it. @param timeMs see `diffLines`. */
export function unifiedHunks(before: Uint8Array, after: Uint8Array, timeMs: number): Hunks {
  const sides = { before: linesOf(before), after: linesOf(after) };
  const changes = diffLines(sides.before, sides.after, timeMs);
  const parts = hunksOf(changes).flatMap((hunk) => formatHunk(sides, hunk));
  return {
    text: Buffer.from(parts.join(''), 'latin1'),
    addedLines: changes.reduce((sum, change) => sum + change.afterCount, 0),
    deletedLines: changes.reduce((sum, change) => sum + change.beforeCount, 0),
  };
}

/** Lines with their line feeds; only the last one may have none. Each character is one byte. */
function linesOf(bytes: Uint8Array): readonly string[] {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
  const lines: string[] = [];
  for (let at = 0; at < text.length;) {
    const end = text.indexOf('\n', at);
    const next = end < 0 ? text.length : end + 1;
    lines.push(text.slice(at, next));
    at = next;
  }
  return lines;
}

/** Changes whose context meets are one hunk. */
function hunksOf(changes: readonly LineChange[]): readonly (readonly LineChange[])[] {
  const hunks: LineChange[][] = [];
  for (const change of changes) {
    const last = hunks.at(-1)?.at(-1);
    const gap = last ? change.beforeStart - (last.beforeStart + last.beforeCount) : Infinity;
    if (gap <= 2 * CONTEXT_LINES) hunks.at(-1)!.push(change);
    else hunks.push([change]);
  }
  return hunks;
}

interface Sides {
  readonly before: readonly string[];
  readonly after: readonly string[];
}

function formatHunk({ before, after }: Sides, changes: readonly LineChange[]): string[] {
  const first = changes[0]!;
  const last = changes.at(-1)!;
  const lead = Math.min(CONTEXT_LINES, first.beforeStart);
  const lastEnd = last.beforeStart + last.beforeCount;
  const tail = Math.min(CONTEXT_LINES, before.length - lastEnd);
  const beforeStart = first.beforeStart - lead;
  const afterStart = first.afterStart - lead;
  const beforeCount = lastEnd + tail - beforeStart;
  const afterCount = last.afterStart + last.afterCount + tail - afterStart;
  const lines = [`@@ -${range(beforeStart, beforeCount)} +${range(afterStart, afterCount)} @@\n`];
  let at = beforeStart;
  const add = (mark: string, source: readonly string[], from: number, to: number): void => {
    for (let index = from; index < to; index++) lines.push(mark, complete(source[index]!));
  };
  for (const change of changes) {
    add(' ', before, at, change.beforeStart);
    at = change.beforeStart + change.beforeCount;
    add('-', before, change.beforeStart, at);
    add('+', after, change.afterStart, change.afterStart + change.afterCount);
  }
  add(' ', before, at, lastEnd + tail);
  return lines;
}

/** Of no lines, the line before them is named; one line needs no count. */
function range(start: number, count: number): string {
  if (count === 0) return `${start},0`;
  return count === 1 ? String(start + 1) : `${start + 1},${count}`;
}

function complete(line: string): string {
  return line.endsWith('\n') ? line : `${line}\n\\ No newline at end of file\n`;
}
