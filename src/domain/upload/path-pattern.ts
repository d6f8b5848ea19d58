import type { MatchBudget } from './match-budget.ts';
import { Wildmatch } from './wildmatch.ts';

/** The pattern of one line of .gitignore or .gitattributes (gitignore(5), "PATTERN FORMAT"). */
export interface PathPattern {
  readonly isNegative: boolean;
  readonly foldersOnly: boolean;
  /** Without a slash inside, a pattern is compared with the last name of a path, at any depth. */
  readonly nameOnly: boolean;
  readonly glob: Wildmatch;
}

/** @param text a string of bytes, as `Wildmatch` takes it. */
export function parsePathPattern(text: string): PathPattern {
  const isNegative = text.startsWith('!');
  const positive = isNegative ? text.slice(1) : text;
  const foldersOnly = positive.endsWith('/');
  const body = foldersOnly ? positive.slice(0, -1) : positive;
  return {
    isNegative,
    foldersOnly,
    nameOnly: !body.includes('/'),
    glob: new Wildmatch(body.startsWith('/') ? body.slice(1) : body),
  };
}

/** A path as it is compared: relative to the folder of the pattern's file, as a string of bytes. */
export interface ComparedPath {
  readonly path: string;
  readonly isFolder: boolean;
}

export function matchesPattern(
  pattern: PathPattern,
  { path, isFolder }: ComparedPath,
  budget: MatchBudget,
): boolean {
  if (pattern.foldersOnly && !isFolder) return false;
  return pattern.glob.matches(pattern.nameOnly ? path.slice(path.lastIndexOf('/') + 1) : path, budget);
}

/** One character for each byte of the text's UTF-8. */
export function byteString(text: string): string {
  return Buffer.from(text, 'utf8').toString('latin1');
}

/** Rule files above this size are refused, as patterns of one line above `MAX_RULE_LINE_BYTES` are ignored. */
export const MAX_RULE_FILE_BYTES = 1024 * 1024;

/** As Git does for attributes (attr.c, ATTR_MAX_LINE_LENGTH). */
export const MAX_RULE_LINE_BYTES = 2048;

/** The lines of a rule file as strings of bytes, without a byte order mark. */
export function ruleLines(bytes: Buffer): string[] {
  return bytes
    .toString('latin1')
    .replace(/^\xef\xbb\xbf/, '')
    .split('\n')
    .filter((line) => line.length <= MAX_RULE_LINE_BYTES);
}

/** The folders above a path, the root (an empty string) first: `a/b/c` -> ``, `a`, `a/b`. */
export function foldersAbove(path: string): string[] {
  const folders = [''];
  for (let at = path.indexOf('/'); at !== -1; at = path.indexOf('/', at + 1)) folders.push(path.slice(0, at));
  return folders;
}

/** `a/b/c` seen from `a` is `b/c`. */
export function relativeTo(folder: string, path: string): string {
  return folder === '' ? path : path.slice(folder.length + 1);
}
