/** What one request may cost: an operation of GraphQL, or all calls of a batch of tRPC together. */
export const MAX_COST = 5000;

/** Points of what costs more than a row. A page of 100 repositories cannot ask for any of it. */
export const COST = {
  /** A page of a tree or a history: some statements. */
  page: 50,
  /** The last commit of one path. */
  lastCommit: 5,
  /** What one commit changed, without texts. */
  changes: 100,
  /** The beginning of a file: an object is read. */
  text: 100,
  /** What is asked of the whole hub: its health, its storage. */
  overview: 100,
  /** A picture is decoded, and made smaller: some are 50 megapixels. */
  picture: 1000,
  /** Two revisions, or texts of files, are compared. */
  comparison: 500,
} as const;

/** Of the beginning of a file. */
export function textCost(maxBytes: number): number {
  return COST.text + Math.ceil(Math.max(maxBytes, 0) / 4096);
}
