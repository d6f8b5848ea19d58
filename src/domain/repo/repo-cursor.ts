import { z } from 'zod';
import { notACursor } from '../id-page.ts';
import type { RepoPosition, RepoSort } from './repo-list.queries.ts';

const position = z.tuple([
  z.string(),
  z.string().regex(/^-?\d{1,17}(\.\d{1,20})?(e[+-]?\d{1,3})?$/),
  z.int().min(0),
]);

/** An opaque name for a place in a list of repositories. */
export function encodeRepoCursor(sort: RepoSort, { value, id }: RepoPosition): string {
  return Buffer.from(JSON.stringify([sort, value, id])).toString('base64url');
}

/** @throws {BadRequest} for text that is no cursor of a list in this order. */
export function decodeRepoCursor(sort: RepoSort, cursor: string): RepoPosition {
  const parsed = position.safeParse(parseJson(Buffer.from(cursor, 'base64url').toString('utf8')));
  if (!parsed.success || parsed.data[0] !== sort || !fits(sort, parsed.data[1])) throw notACursor();
  const [, value, id] = parsed.data;
  // PostgreSQL refuses a number that is too small for a double, where JavaScript reads zero.
  return { value: sort === 'trendingScore' ? String(Number(value)) : value, id };
}

function fits(sort: RepoSort, value: string): boolean {
  return sort === 'trendingScore'
    ? Number.isFinite(Number(value))
    : Number.isSafeInteger(Number(value)) && /^\d+$/.test(value);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
