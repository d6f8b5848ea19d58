/** Messages may repeat what the client sent, and terminals obey control characters. */
export function oneLine(text: string): string {
  return text.replaceAll(/\p{Cc}+/gu, ' ');
}
