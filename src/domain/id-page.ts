import { BadRequest } from './errors.ts';
import { pageOf, pagesOf, type RowOfList } from './nested-page.ts';
import type { Page } from './version/values.ts';

/** A page of a list whose newest entries come first and have the greatest ids. */
export interface IdPageQuery {
  readonly limit: number;
  readonly cursor?: string | undefined;
}

/** What such a list reads: at most `limit` entries before the one with the id `beforeId`; null begins with the newest. */
export interface IdPage {
  readonly beforeId: number | null;
  readonly limit: number;
}

interface IdPageOptions<Item> {
  readonly maxLimit: number;
  readonly idOf: (item: Item) => number;
}

/** @throws {BadRequest} for a cursor that no page gave. */
export async function idPage<Item>(
  query: IdPageQuery,
  options: IdPageOptions<Item>,
  list: (page: IdPage) => Promise<readonly Item[]>,
): Promise<Page<Item>> {
  const { page, cut } = planPage(query, options);
  return pageOf(await list(page), cut);
}

/** Pages of several lists that one statement reads, in the order of the lists. @throws as `idPage`. */
export async function idPages<Item extends RowOfList>(
  listIds: readonly number[],
  query: IdPageQuery & IdPageOptions<NoInfer<Item>>,
  list: (page: IdPage) => Promise<readonly Item[]>,
): Promise<readonly Page<Item>[]> {
  const { page, cut } = planPage(query, query);
  return pagesOf(listIds, await list(page), cut);
}

/** One entry more is read than is shown, to see whether there is another page. */
function planPage<Item>({ limit, cursor }: IdPageQuery, { maxLimit, idOf }: IdPageOptions<Item>) {
  const size = Math.min(Math.max(limit, 1), maxLimit);
  const cursorOf = (item: Item): string => String(idOf(item));
  return {
    page: { beforeId: parseCursor(cursor), limit: size + 1 },
    cut: { limit: size, cursorOf },
  };
}

/** For a cursor that no page of a list gave. */
export function notACursor(): BadRequest {
  return new BadRequest('This is not a cursor of this list. Take the one that came with the page before.');
}

function parseCursor(cursor: string | undefined): number | null {
  if (cursor === undefined) return null;
  if (!/^\d{1,15}$/.test(cursor)) {
    throw notACursor();
  }
  return Number(cursor);
}
