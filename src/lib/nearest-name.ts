/** The known name that the fewest edits reach: at most two, or a quarter of a long name. Null when none is that near. */
export function nearestName(name: string, known: Iterable<string>): string | null {
  let best: string | null = null;
  let bestEdits = Infinity;
  for (const candidate of known) {
    const edits = editDistance(name, candidate);
    if (edits >= bestEdits || edits > Math.max(2, candidate.length / 4)) continue;
    best = candidate;
    bestEdits = edits;
  }
  return best;
}

/** Levenshtein distance, one row of its table at a time. */
function editDistance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, column) => column);
  for (let index = 0; index < from.length; index++) {
    const next = [index + 1];
    for (let column = 1; column <= to.length; column++) {
      const replaced = row[column - 1]! + (to[column - 1] === from[index] ? 0 : 1);
      next.push(Math.min(replaced, row[column]! + 1, next[column - 1]! + 1));
    }
    row = next;
  }
  return row[to.length]!;
}
