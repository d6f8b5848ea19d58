import { buffer } from 'node:stream/consumers';
import type { Readable } from 'node:stream';
import { isBinary } from '../../git/unified-diff.ts';

/** The beginning of a file as text. */
export interface FileText {
  /** Null for a binary file. Bytes that are not UTF-8 are U+FFFD. */
  readonly content: string | null;
  readonly isBinary: boolean;
  /** Whether the file goes on behind `content`. */
  readonly isTruncated: boolean;
}

/** What one answer holds of a text. */
export const MAX_TEXT_BYTES = 1024 * 1024;

export const EMPTY_TEXT: FileText = { content: '', isBinary: false, isTruncated: false };

/** @param body the first bytes of a file that has `sizeBytes`. */
export async function readText(body: Buffer | Readable, sizeBytes: number): Promise<FileText> {
  const bytes = Buffer.isBuffer(body) ? body : await buffer(body);
  const isTruncated = bytes.length < sizeBytes;
  if (isBinary(bytes)) return { content: null, isBinary: true, isTruncated };
  // A character that the end cuts in two is left out.
  const content = new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes, { stream: isTruncated });
  return { content, isBinary: false, isTruncated };
}
