/** One cell of a COPY line in text format: `\N` for null, bytes as `\x…`, text escaped. */
export function copyText(value: string | number | boolean | Date | Uint8Array | null): string {
  if (value === null) return '\\N';
  if (value instanceof Uint8Array) {
    return `\\\\x${Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('hex')}`;
  }
  // PostgreSQL knows no sign before a year behind 9999.
  if (value instanceof Date) return value.toISOString().replace(/^\+0*/, '');
  return String(value).replaceAll(/[\\\n\r\t]/g, (char) => COPY_ESCAPES[char] ?? char);
}

/** The same for bytes that are at hand in hexadecimal digits. */
export function copyHex(hex: string | null): string {
  return hex === null ? '\\N' : `\\\\x${hex}`;
}

const COPY_ESCAPES: Record<string, string> = { '\\': '\\\\', '\n': '\\n', '\r': '\\r', '\t': '\\t' };
