import { setImmediate as nextTurn } from 'node:timers/promises';
import { decodeBase64 } from '../../src/lib/base64.ts';

/** Stands for content that was cut out of a line; never base64 itself. */
export const CUT = '=';

/** A JSON line without the bytes of its content, and those bytes, still encoded. */
export interface CutLine {
  readonly rest: Buffer;
  readonly content: Buffer;
}

const KEY = '"content"';
const KEY_AND_QUOTE = /^"content"[ \t\r]*:[ \t\r]*"/;
const MAX_KEY_CHARS = 64;
const QUOTE = 0x22;

/**
 * Cuts the string under the key "content" out of a line of JSON, so that megabytes of base64 need not go through `JSON.parse`. Inside a
 * JSON string quotes are escaped, so what looks like the key is one.
 * @returns null when there is no such string or it holds an escape; then the line must be parsed as a whole.
 */
export function cutContent(line: Buffer): CutLine | null {
  for (let at = line.indexOf(KEY); at !== -1; at = line.indexOf(KEY, at + 1)) {
    const match = KEY_AND_QUOTE.exec(line.toString('latin1', at, at + MAX_KEY_CHARS));
    if (!match) continue;
    const start = at + match[0].length;
    const end = line.indexOf(QUOTE, start);
    if (end === -1) return null;
    const content = line.subarray(start, end);
    if (content.includes('\\')) return null;
    const rest = Buffer.concat([line.subarray(0, start), Buffer.from(CUT), line.subarray(end)]);
    return { rest, content };
  }
  return null;
}

/** A multiple of 4 characters; one takes a few milliseconds. */
const SLICE_CHARS = 4 * 2 ** 20;

/** As `decodeBase64`, a slice for each turn of the event loop, so that other requests do not wait for a large file. */
export async function decodeLargeBase64(content: Buffer): Promise<Buffer | null> {
  const parts: Buffer[] = [];
  for (let start = 0; start < content.length; start += SLICE_CHARS) {
    if (start > 0) await nextTurn();
    const isLast = start + SLICE_CHARS >= content.length;
    const part = decodeBase64(content.toString('latin1', start, start + SLICE_CHARS));
    // Only the end may be padded.
    if (!part || (!isLast && part.length !== (SLICE_CHARS / 4) * 3)) return null;
    parts.push(part);
  }
  return parts.length === 1 ? parts[0]! : Buffer.concat(parts);
}
