/** What a text of JSON may hold. */
export interface JsonBounds {
  /** Entries of lists and objects; a list or an object counts once more for itself. */
  readonly maxValues: number;
  readonly maxDepth: number;
  /** Of one object. */
  readonly maxKeys: number;
}

/**
 * Whether a text of JSON stays within bounds. It looks at each byte once and makes nothing of what it sees: a text that is nothing but
 * values takes far longer to parse. What is no JSON is left to the parser.
 */
export function isJsonWithin(bytes: Uint8Array, { maxValues, maxDepth, maxKeys }: JsonBounds): boolean {
  let values = 0;
  /** Of what is open, the outermost first. */
  const keys: number[] = [];
  for (let at = 0; at < bytes.length; at++) {
    switch (bytes[at]) {
      case CODE.quote:
        at = endOfString(bytes, at);
        break;
      case CODE.comma:
        values++;
        break;
      case CODE.colon:
        keys.push((keys.pop() ?? 0) + 1);
        if (keys.at(-1)! > maxKeys) return false;
        break;
      case CODE.bracket:
      case CODE.brace:
        values++;
        keys.push(0);
        break;
      case CODE.closingBracket:
      case CODE.closingBrace:
        keys.pop();
        break;
      default:
        continue;
    }
    if (values > maxValues || keys.length > maxDepth) return false;
  }
  return true;
}

/** Where the string that begins at `start` has its other quote, or behind the end of the text. */
function endOfString(bytes: Uint8Array, start: number): number {
  let at = start + 1;
  while (at < bytes.length && bytes[at] !== CODE.quote) at += bytes[at] === CODE.backslash ? 2 : 1;
  return at;
}

const CODE = {
  quote: 0x22,
  comma: 0x2c,
  colon: 0x3a,
  bracket: 0x5b,
  backslash: 0x5c,
  closingBracket: 0x5d,
  brace: 0x7b,
  closingBrace: 0x7d,
} as const;
