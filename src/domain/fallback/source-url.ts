import { BadRequest } from '../errors.ts';

const MAX_CHARS = 300;

/**
 * The address of another hub, in the one spelling in which it is stored and compared: no slash at its end.
 * @param field names it in the error. @throws {BadRequest}
 */
export function parseSourceUrl(value: string, field: string): string {
  const url = URL.canParse(value) && value.length <= MAX_CHARS ? new URL(value) : null;
  const isPlain = url && /^https?:$/.test(url.protocol) && !url.username && !url.password;
  if (!isPlain || url.search || url.hash || value.includes('\0')) {
    throw new BadRequest(`${field}: must be the address of a hub, such as https://huggingface.co.`);
  }
  return url.href.replace(/\/+$/, '');
}
