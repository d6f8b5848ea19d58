import { type ConnectionArgs, connectionComplexity } from './connection.ts';

/** Points of what costs more than a row, of the 5000 that an operation has. A page of 100 repositories cannot ask for any of it. */
export const COST = {
  /** A page of a tree or a history: some statements. */
  page: 50,
  /** What one commit changed, without texts. */
  changes: 100,
  /** The beginning of a file: an object is read. */
  text: 100,
  /** Two revisions, or texts of files, are compared. */
  comparison: 500,
} as const;

/** The cost of a connection whose page is more than rows of one table. */
export function costlyPage(field: number) {
  return (args: ConnectionArgs) => ({ ...connectionComplexity(args), field });
}
