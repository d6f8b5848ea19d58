import { type Document, isScalar, LineCounter, parseDocument, visit } from 'yaml';

/** The metadata block of a card as a value, or why there is none. */
export type CardYaml =
  | { readonly metadata: unknown; readonly duplicateKeys: readonly string[] }
  | { readonly problem: string };

/** Half a second of parsing at worst. The longest known cards, of benchmarks with hundreds of results, have 200,000. */
const MAX_YAML_CHARS = 256_000;
const MAX_ALIASES = 100;
/** The parser takes quadratic time over explicit keys, tags and anchors; cards have next to none. */
const MAX_INDICATORS = 1000;
const INDICATOR = /(?<![^\s[{,-])[?!&*]/g;
/** Explicit keys inside of explicit keys take it more than cubic time: minutes for a thousand of them. */
const MAX_EXPLICIT_KEYS = 20;
const EXPLICIT_KEY = /(?<![^\s[{,-])\?(?!\S)/g;

/** Parses untrusted YAML in bounded time and space. Never throws. */
export function parseCardYaml(yaml: string): CardYaml {
  if (yaml.length > MAX_YAML_CHARS) {
    return { problem: `The metadata has more than ${MAX_YAML_CHARS} characters.` };
  }
  if ((yaml.match(INDICATOR)?.length ?? 0) > MAX_INDICATORS) {
    return {
      problem: `The metadata has more than ${MAX_INDICATORS} anchors, aliases, tags and explicit keys.`,
    };
  }
  if ((yaml.match(EXPLICIT_KEY)?.length ?? 0) > MAX_EXPLICIT_KEYS) {
    return { problem: `The metadata has more than ${MAX_EXPLICIT_KEYS} explicit keys ("? key").` };
  }
  try {
    const lineCounter = new LineCounter();
    // `prettyErrors` would copy a piece of the text for each mistake: half a minute for a hundred thousand of them.
    const options = { uniqueKeys: false, prettyErrors: false, logLevel: 'silent', lineCounter } as const;
    const document = withoutStackTraces(() => parseDocument(yaml, options));
    const [error] = document.errors;
    if (error) {
      const { line, col } = lineCounter.linePos(error.pos[0]);
      return { problem: `${error.message} at line ${line}, column ${col}` };
    }
    return {
      metadata: document.toJS({ maxAliasCount: MAX_ALIASES }),
      duplicateKeys: duplicateKeys(document),
    };
  } catch (error) {
    // Too many aliases, or nested deeper than the stack.
    return { problem: error instanceof Error ? error.message : 'unreadable' };
  }
}

/** The parser makes one Error for each of a hundred thousand mistakes; ten times as fast without their stacks. */
function withoutStackTraces<T>(work: () => T): T {
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = 0;
  try {
    return work();
  } finally {
    Error.stackTraceLimit = limit;
  }
}

/** Keys that stand twice in one mapping. The parser's own check takes quadratic time. */
function duplicateKeys(document: Document): string[] {
  const duplicates = new Set<string>();
  visit(document, {
    Map(_key, { items }) {
      const seen = new Set<string>();
      for (const { key } of items) {
        if (!isScalar(key)) continue;
        const name = String(key.value);
        if (seen.has(name)) duplicates.add(name);
        seen.add(name);
      }
    },
  });
  return [...duplicates];
}
