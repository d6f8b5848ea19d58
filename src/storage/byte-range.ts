import { RangeNotSatisfiable } from '../lib/domain-error.ts';

/** Bytes of an object: from `start` to `end` (inclusive, default the last byte), or its last bytes. */
export type ByteRange = { readonly start: number; readonly end?: number } | { readonly lastBytes: number };

/** A range fitted to an object's size. */
export interface ByteSpan {
  readonly offsetBytes: number;
  readonly lengthBytes: number;
}

/**
 * Fits a range to an object as RFC 9110 14.1.2 says: an end past the object is cut, a start past it (and any range
 * of an empty object) is not satisfiable. Without a range it is the whole object.
 */
export function spanOf(range: ByteRange | undefined, sizeBytes: number): ByteSpan {
  if (range === undefined) return { offsetBytes: 0, lengthBytes: sizeBytes };
  const offsetBytes = 'lastBytes' in range ? Math.max(0, sizeBytes - range.lastBytes) : range.start;
  const lastByte = 'lastBytes' in range ? sizeBytes - 1 : Math.min(range.end ?? Infinity, sizeBytes - 1);
  if (offsetBytes < 0 || offsetBytes > lastByte) throw rangeNotSatisfiable(sizeBytes);
  return { offsetBytes, lengthBytes: lastByte - offsetBytes + 1 };
}

export function rangeNotSatisfiable(sizeBytes: number, options?: ErrorOptions): RangeNotSatisfiable {
  return new RangeNotSatisfiable(
    `The range lies outside the object of ${sizeBytes} bytes.`,
    { sizeBytes },
    options,
  );
}

/**
 * Reads an HTTP `Range` header (RFC 9110 14.2). A malformed one, another unit, or several ranges are ignored, as
 * the RFC allows: the answer is then the whole object.
 */
export function parseRangeHeader(header: string | undefined): ByteRange | undefined {
  const match = /^bytes=(\d{0,15})-(\d{0,15})$/i.exec(header ?? '');
  if (match === null) return undefined;
  const [, first = '', last = ''] = match;
  if (first === '') return last === '' ? undefined : { lastBytes: Number(last) };
  if (last === '') return { start: Number(first) };
  return Number(last) < Number(first) ? undefined : { start: Number(first), end: Number(last) };
}

/** The range as a `Range` header value. */
export function rangeHeader(range: ByteRange): string {
  if ('lastBytes' in range) return `bytes=-${range.lastBytes}`;
  return `bytes=${range.start}-${range.end ?? ''}`;
}
