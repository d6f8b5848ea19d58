import { type ConnectionArgs, connectionComplexity } from './connection.ts';

/** The cost of a connection whose page is more than rows of one table. */
export function costlyPage(field: number) {
  return (args: ConnectionArgs) => ({ ...connectionComplexity(args), field });
}
