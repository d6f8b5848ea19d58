import { BadRequest } from './errors.ts';
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

/** @throws {BadRequest} for a cursor that no page gave. */
export async function idPage<Item>(
  { limit, cursor }: IdPageQuery,
  { maxLimit, idOf }: { readonly maxLimit: number; readonly idOf: (item: Item) => number },
  list: (page: IdPage) => Promise<readonly Item[]>,
): Promise<Page<Item>> {
  const size = Math.min(Math.max(limit, 1), maxLimit);
  // One more, to see whether there is another page.
  const found = await list({ beforeId: parseCursor(cursor), limit: size + 1 });
  const items = found.slice(0, size);
  return { items, nextCursor: found.length > size ? String(idOf(items.at(-1)!)) : null };
}

function parseCursor(cursor: string | undefined): number | null {
  if (cursor === undefined) return null;
  if (!/^\d{1,15}$/.test(cursor)) {
    throw new BadRequest(
      'cursor: this is not a cursor of this list. Follow the Link header of the page before.',
    );
  }
  return Number(cursor);
}
