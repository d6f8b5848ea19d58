import type { Page } from './version/values.ts';

/** A row of one of several lists that one statement reads together. */
export interface RowOfList {
  /** Of what the list belongs to. */
  readonly listId: number;
}

interface Cut<Row> {
  readonly limit: number;
  /** The place behind a row. */
  readonly cursorOf: (row: Row) => string;
}

/** A page of what was read: one row more than it shows tells whether there is another page. */
export function pageOf<Row>(found: readonly Row[], { limit, cursorOf }: Cut<Row>): Page<Row> {
  const items = found.slice(0, limit);
  return { items, nextCursor: found.length > limit ? cursorOf(items.at(-1)!) : null };
}

/** Likewise a page of each list, in the order of the lists. @param found in order within each list. */
export function pagesOf<Row extends RowOfList>(
  listIds: readonly number[],
  found: readonly Row[],
  cut: Cut<Row>,
): readonly Page<Row>[] {
  const rows = Map.groupBy(found, ({ listId }) => listId);
  return listIds.map((id) => pageOf(rows.get(id) ?? [], cut));
}
