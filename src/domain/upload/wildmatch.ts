import type { MatchBudget } from './match-budget.ts';

/**
 * Git's glob patterns (wildmatch.c with WM_PATHNAME): `*` and `?` and `[…]` never match a slash, `**` between slashes does.
 *
 * Patterns come from repositories of strangers, so they are run as a state machine: the time is at most the length of
 * the pattern times the length of the text. Translated into regular expressions, a few `**` are enough to hang a process.
 *
 * Pattern and text are strings of bytes (one character for each byte of UTF-8), because Git compares bytes.
 */
export class Wildmatch {
  // Plain text at the start of the pattern. Git compares it apart, so `a**/b` means `a` and then `**/b`.
  readonly #prefix: string;
  readonly #tokens: readonly Token[] | null;
  #active: Uint8Array;
  #next: Uint8Array;

  constructor(pattern: string) {
    const prefixLength = /[*?[\\]|$/.exec(pattern)!.index;
    this.#prefix = pattern.slice(0, prefixLength);
    this.#tokens = compile(pattern.slice(prefixLength));
    const states = (this.#tokens?.length ?? 0) + 1;
    this.#active = new Uint8Array(states);
    this.#next = new Uint8Array(states);
  }

  matches(text: string, budget: MatchBudget): boolean {
    budget.spend(1);
    if (this.#tokens === null || !text.startsWith(this.#prefix)) return false;
    if (this.#tokens.length === 0) return text === this.#prefix;
    return this.run(this.#tokens, text.slice(this.#prefix.length), budget);
  }

  private run(tokens: readonly Token[], text: string, budget: MatchBudget): boolean {
    this.#active.fill(0);
    this.#active[0] = 1;
    for (let at = 0; at < text.length; at++) {
      budget.spend(tokens.length);
      if (!this.step(tokens, text.charCodeAt(at))) return false;
    }
    this.skipOptional(tokens);
    return this.#active[tokens.length] === 1;
  }

  /** Moves every active state over one byte. @returns false when none is left. */
  private step(tokens: readonly Token[], byte: number): boolean {
    this.skipOptional(tokens);
    this.#next.fill(0);
    let isAlive = false;
    for (let state = 0; state < tokens.length; state++) {
      if (this.#active[state] === 0) continue;
      const token = tokens[state]!;
      if (!token.accepts(byte)) continue;
      this.#next[token.repeats ? state : state + 1] = 1;
      isAlive = true;
    }
    [this.#active, this.#next] = [this.#next, this.#active];
    return isAlive;
  }

  /** What may match nothing also lets the state behind it be active. Skips only go forward, so one pass is enough. */
  private skipOptional(tokens: readonly Token[]): void {
    for (let state = 0; state < tokens.length; state++) {
      if (this.#active[state] === 0) continue;
      for (const jump of tokens[state]!.jumps) this.#active[state + jump] = 1;
    }
  }
}

interface Token {
  readonly accepts: (byte: number) => boolean;
  /** Stays active after a byte. */
  readonly repeats: boolean;
  /** How many tokens ahead are active together with this one, before it has matched anything. */
  readonly jumps: readonly number[];
}

const SLASH = 0x2f;
const notSlash = (byte: number): boolean => byte !== SLASH;
const one = (accepts: Token['accepts']): Token => ({ accepts, repeats: false, jumps: [] });
const byteIs = (char: string): Token => {
  const code = char.charCodeAt(0);
  return one((byte) => byte === code);
};
const STAR: Token = { accepts: notSlash, repeats: true, jumps: [1] };
const GLOBSTAR: Token = { accepts: () => true, repeats: true, jumps: [1] };
/** Two stars and a slash may match nothing at all: go on with the stars, or behind the slash. */
const FOLDERS: Token = { accepts: () => false, repeats: false, jumps: [1, 3] };

/** Null for a pattern that matches nothing: an open bracket or a backslash at the end. */
function compile(pattern: string): Token[] | null {
  const tokens: Token[] = [];
  for (let at = 0; at < pattern.length;) {
    const char = pattern[at]!;
    if (char === '*') {
      at = compileStars(pattern, at, tokens);
    } else if (char === '[') {
      const set = compileSet(pattern, at);
      if (set === null) return null;
      tokens.push(one(set.accepts));
      at = set.end;
    } else if (char === '\\') {
      if (at + 1 === pattern.length) return null;
      tokens.push(byteIs(pattern[at + 1]!));
      at += 2;
    } else {
      tokens.push(char === '?' ? one(notSlash) : byteIs(char));
      at += 1;
    }
  }
  return tokens;
}

/** @returns where the pattern goes on. */
function compileStars(pattern: string, start: number, tokens: Token[]): number {
  let end = start;
  while (pattern[end] === '*') end++;
  const startsFolder = start === 0 || pattern[start - 1] === '/';
  const isWholeName = startsFolder && (end === pattern.length || /^\\?\//.test(pattern.slice(end, end + 2)));
  if (end - start === 1 || !isWholeName) {
    tokens.push(STAR);
  } else if (pattern[end] === '/') {
    tokens.push(FOLDERS, GLOBSTAR, byteIs('/'));
    return end + 1;
  } else {
    tokens.push(GLOBSTAR);
  }
  return end;
}

interface ByteSet {
  readonly accepts: (byte: number) => boolean;
  readonly end: number;
}

/** `[abc]`, `[a-z]`, `[!a]`, `[[:digit:]]`. Null when it is not closed or names an unknown class. */
function compileSet(pattern: string, start: number): ByteSet | null {
  const members = new Uint8Array(256);
  let at = start + 1;
  const isNegated = pattern[at] === '!' || pattern[at] === '^';
  if (isNegated) at++;
  let previous: number | null = null;
  for (let isFirst = true; isFirst || pattern[at] !== ']'; isFirst = false) {
    if (at >= pattern.length) return null;
    const named = pattern.startsWith('[:', at) ? namedClass(pattern, at) : null;
    if (named) {
      if (!named.test) return null;
      for (let byte = 0; byte < 128; byte++)
        if (named.test.test(String.fromCharCode(byte))) members[byte] = 1;
      previous = null;
      at = named.end;
      continue;
    }
    const isRange: boolean = pattern[at] === '-' && previous !== null && !/^\]?$/.test(pattern[at + 1] ?? '');
    if (isRange) at++;
    if (pattern[at] === '\\') at++;
    if (at >= pattern.length) return null;
    const code = pattern.charCodeAt(at++);
    for (let byte: number = isRange ? previous! : code; byte <= code; byte++) members[byte] = 1;
    previous = isRange ? null : code;
  }
  const wanted = isNegated ? 0 : 1;
  return { accepts: (byte) => byte !== SLASH && members[byte] === wanted, end: at + 1 };
}

/** Null when there is no `:]`: then the bracket stands for itself. */
function namedClass(pattern: string, at: number): { test: RegExp | undefined; end: number } | null {
  const end = pattern.indexOf(']', at + 2);
  if (end === -1) return { test: undefined, end };
  if (pattern[end - 1] !== ':' || end - 1 < at + 2) return null;
  return { test: CLASSES[pattern.slice(at + 2, end - 1)], end: end + 1 };
}

const CLASSES: Readonly<Record<string, RegExp>> = {
  alnum: /[A-Za-z0-9]/,
  alpha: /[A-Za-z]/,
  blank: /[ \t]/,
  cntrl: /\p{Cc}/u,
  digit: /\d/,
  graph: /[!-~]/,
  lower: /[a-z]/,
  print: /[ -~]/,
  punct: /[!-/:-@[-`{-~]/,
  space: /[ \t\n\v\f\r]/,
  upper: /[A-Z]/,
  xdigit: /[0-9A-Fa-f]/,
};
