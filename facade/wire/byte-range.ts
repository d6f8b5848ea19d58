import type { IncomingHttpHeaders } from 'node:http';

/** A part of a file: from `start` to `end` (inclusive), or its last bytes. */
export type RequestedRange =
  | { readonly start: number; readonly end?: number }
  | { readonly lastBytes: number };

/**
 * The range that a GET asks for (RFC 9110 14.2). Several ranges, other units and malformed headers are ignored, as is a range whose
 * `If-Range` names another version of the file: then the answer is the whole file.
 * @param etag the current one, with quotes.
 */
export function requestedRange(headers: IncomingHttpHeaders, etag: string): RequestedRange | undefined {
  const condition = headers['if-range'];
  if (condition !== undefined && condition !== etag) return undefined;
  const match = /^bytes=(\d{0,15})-(\d{0,15})$/i.exec(headers.range ?? '');
  if (!match) return undefined;
  const [, first = '', last = ''] = match;
  if (first === '') return last === '' ? undefined : { lastBytes: Number(last) };
  if (last === '') return { start: Number(first) };
  return Number(last) < Number(first) ? undefined : { start: Number(first), end: Number(last) };
}

/** Whether the client has this version already (RFC 9110 13.1.2: a weak comparison, a list, or `*`). */
export function isFresh(headers: IncomingHttpHeaders, etag: string): boolean {
  const known = headers['if-none-match'];
  if (known === undefined) return false;
  return known.split(',').some((item) => {
    const tag = item.trim().replace(/^W\//, '');
    return tag === '*' || tag === etag;
  });
}
