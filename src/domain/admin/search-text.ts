import { BadRequest } from '../errors.ts';

const MAX_SEARCH_CHARS = 200;

/** What lists look for: a part of a name, in any case of letters; null looks for nothing. @throws {BadRequest} */
export function parseSearch(value: string | undefined): string | null {
  const text = value?.trim().toLowerCase() ?? '';
  if (text.length > MAX_SEARCH_CHARS || text.includes('\0')) {
    throw new BadRequest(`search: must be a text of at most ${MAX_SEARCH_CHARS} characters.`);
  }
  return text === '' ? null : text;
}
