import { randomUUID } from 'node:crypto';
import type { Readable } from 'node:stream';
import { freeNow, streamOf } from '../../src/domain/xet/xet-read-output.ts';

/** Bytes of something; the end is inclusive, as in HTTP. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

const RANGES = /^bytes=\d{1,15}-\d{1,15}(?:[ \t]*,[ \t]*\d{1,15}-\d{1,15})*$/i;

/**
 * The ranges that a request names, in its order; null without any. A header that is malformed, in another unit, or leaves an end open
 * is ignored, as RFC 9110 14.2 allows.
 */
export function requestedSpans(header: string | undefined): readonly Span[] | null {
  if (header === undefined || !RANGES.test(header)) return null;
  const spans = [...header.matchAll(/(\d+)-(\d+)/g)].map(([, start, end]) => ({
    start: Number(start),
    end: Number(end),
  }));
  return spans.every(({ start, end }) => start <= end) ? spans : null;
}

export function lengthOf({ start, end }: Span): number {
  return end - start + 1;
}

export function contentRange({ start, end }: Span, sizeBytes: number): string {
  return `bytes ${start}-${end}/${sizeBytes}`;
}

/** A body of several ranges (RFC 9110 14.6), in the order in which they were asked for. */
export interface MultipartRanges {
  readonly contentType: string;
  readonly lengthBytes: number;
  /** Opens one range after another. */
  open(openSpan: (span: Span) => Promise<Readable>): Readable;
}

export function multipartRanges(spans: readonly Span[], sizeBytes: number): MultipartRanges {
  // Nobody can make stored bytes that look like a boundary which did not exist when they were stored.
  const boundary = randomUUID();
  const parts = spans.map((span) => ({ span, head: partHead(boundary, span, sizeBytes) }));
  const end = Buffer.from(`\r\n--${boundary}--\r\n`);
  return {
    contentType: `multipart/byteranges; boundary=${boundary}`,
    lengthBytes: parts.reduce((sum, { span, head }) => sum + head.length + lengthOf(span), end.length),
    open: (openSpan) => {
      const abort = new AbortController();
      return streamOf(partsOf(parts, { end, openSpan, signal: abort.signal }), abort);
    },
  };
}

function partHead(boundary: string, span: Span, sizeBytes: number): Buffer {
  const lines = [
    '',
    `--${boundary}`,
    'Content-Type: application/octet-stream',
    `Content-Range: ${contentRange(span, sizeBytes)}`,
  ];
  return Buffer.from(`${lines.join('\r\n')}\r\n\r\n`);
}

async function* partsOf(
  parts: readonly { readonly span: Span; readonly head: Buffer }[],
  {
    end,
    openSpan,
    signal,
  }: { end: Buffer; openSpan: (span: Span) => Promise<Readable>; signal: AbortSignal },
): AsyncGenerator<Buffer> {
  for (const { span, head } of parts) {
    yield head;
    const body = await openSpan(span);
    const close = () => body.destroy();
    signal.addEventListener('abort', close);
    if (signal.aborted) close();
    for await (const slice of body as AsyncIterable<Buffer>) {
      yield slice;
      freeNow(slice);
    }
    signal.removeEventListener('abort', close);
  }
  yield end;
}
