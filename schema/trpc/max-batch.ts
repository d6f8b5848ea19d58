/** How many calls one request may hold: more than a page of a dashboard makes at once. */
export const MAX_BATCH = 20;

/** Queries that the client sends alone: they are refused in a batch, or cost so much that a few of them fill it. */
export const LONE_QUERIES: ReadonlySet<string> = new Set([
  'files.all',
  'commits.diffs',
  'comparisons.commits',
  'comparisons.changedFiles',
  'comparisons.diffs',
  'comparisons.patch',
]);
