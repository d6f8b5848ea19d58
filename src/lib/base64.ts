/**
 * Decodes base64 (RFC 4648 section 4) and nothing else. Node's own decoder skips characters outside the alphabet, takes the
 * URL-safe one as well and needs no padding, so that damaged text would become damaged files.
 *
 * @returns null when the text is not base64.
 */
export function decodeBase64(text: string): Buffer | null {
  if (text.length % 4 !== 0 || text.includes('-') || text.includes('_')) return null;
  const padding = text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0;
  const bytes = Buffer.from(text, 'base64');
  // Every skipped character makes the result shorter.
  if (bytes.length !== (text.length / 4) * 3 - padding) return null;
  // Node cuts characters beyond Latin-1 to their last byte, so they would pass as letters of the alphabet.
  return Buffer.byteLength(text) === text.length ? bytes : null;
}
