import { BadRequest } from '../../src/domain/errors.ts';

/** Cursors of several lists that are read side by side. They are base64url, so a dot stands in none of them. */
const SEPARATOR = '.';

/** The cursor of the next page of all lists, or null when all have ended. @param cursors null for a list that has. */
export function presentGroupCursor(cursors: readonly (string | null)[]): string | null {
  return cursors.every((cursor) => cursor === null)
    ? null
    : cursors.map((cursor) => cursor ?? '').join(SEPARATOR);
}

/** For each list its cursor, null when it has ended, undefined on the first page. @throws {BadRequest} */
export function parseGroupCursor(
  cursor: string | undefined,
  lists: number,
): readonly (string | null | undefined)[] {
  if (cursor === undefined) return [];
  const cursors = cursor.split(SEPARATOR);
  if (cursors.length !== lists) throw new BadRequest('cursor: this is not a cursor of this list.');
  return cursors.map((own) => own || null);
}
