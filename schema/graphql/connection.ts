import { z } from 'zod';
import { BadRequest } from '../../src/domain/errors.ts';
import type { Page } from '../../src/domain/version/values.ts';

/** `first` and `after` of a connection, as they came. Pages go forward only. */
export interface ConnectionArgs {
  readonly first?: number | null | undefined;
  readonly after?: string | null | undefined;
}

/** What a list in the domain is asked for. */
export interface PageQuery {
  readonly limit: number;
  readonly cursor?: string | undefined;
}

const DEFAULT_FIRST = 20;
const MAX_FIRST = 100;

/** The cost of a connection: what an entry costs, times the entries that are asked for. */
export function connectionComplexity({ first }: ConnectionArgs): { field: number; multiplier: number } {
  return { field: 1, multiplier: Math.max(1, first ?? DEFAULT_FIRST) };
}

/**
 * A page of the domain as a connection. The domain names only places between pages; a place within one is the page's own
 * beginning and how many entries come before it, so that every edge has a cursor.
 * @throws {BadRequest} for `first` out of its range or a cursor that no connection gave.
 */
export async function connectionOf<Item>(
  { first, after }: ConnectionArgs,
  list: (query: PageQuery) => Promise<Page<Item>>,
) {
  const limit = parseFirst(first);
  const start = after == null ? undefined : await startAfter(after, list);
  const { items, nextCursor } =
    start === null ? { items: [], nextCursor: null } : await list({ limit, cursor: start });
  const cursorAt = (index: number): string =>
    index === items.length - 1 && nextCursor !== null
      ? encodeCursor([nextCursor, 0])
      : encodeCursor([start ?? null, index + 1]);
  return {
    edges: items.map((node, index) => ({ cursor: cursorAt(index), node })),
    pageInfo: {
      hasNextPage: nextCursor !== null,
      hasPreviousPage: after != null,
      startCursor: items.length > 0 ? cursorAt(0) : null,
      endCursor: items.length > 0 ? cursorAt(items.length - 1) : null,
    },
  };
}

/** A list that the domain gives whole, as a connection over it. @throws as `connectionOf`. */
export function connectionOfAll<Item>(args: ConnectionArgs, all: readonly Item[]) {
  return connectionOf(args, async ({ limit, cursor = '0' }) => {
    const start = /^\d{1,9}$/.test(cursor) ? Number(cursor) : all.length;
    const end = start + limit;
    return { items: all.slice(start, end), nextCursor: end < all.length ? String(end) : null };
  });
}

/** The domain's own cursor for a place: undefined is the beginning, null behind the end. Within a page it costs a look at the page. */
async function startAfter<Item>(
  after: string,
  list: (query: PageQuery) => Promise<Page<Item>>,
): Promise<string | undefined | null> {
  const [cursor, skip] = decodeCursor(after);
  if (skip === 0) return cursor ?? undefined;
  const page = await list({ limit: skip, cursor: cursor ?? undefined });
  return page.nextCursor;
}

function parseFirst(first: number | null | undefined): number {
  const value = first ?? DEFAULT_FIRST;
  if (value < 1 || value > MAX_FIRST) throw new BadRequest(`first: ask for 1 to ${MAX_FIRST} entries.`);
  return value;
}

/** The cursor of the page in the domain, and how many of its entries come before the place. */
const Place = z.tuple([z.string().nullable(), z.int().min(0).max(MAX_FIRST)]);

function encodeCursor(place: z.output<typeof Place>): string {
  return Buffer.from(JSON.stringify(place)).toString('base64url');
}

/** @throws {BadRequest} */
function decodeCursor(cursor: string): z.output<typeof Place> {
  const place = Place.safeParse(parseJson(Buffer.from(cursor, 'base64url').toString('utf8')));
  if (!place.success) {
    throw new BadRequest('after: this is not a cursor of this list. Use the endCursor of a page of it.');
  }
  return place.data;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
