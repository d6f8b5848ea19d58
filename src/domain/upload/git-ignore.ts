import type { MatchBudget } from './match-budget.ts';
import {
  byteString,
  foldersAbove,
  matchesPattern,
  parsePathPattern,
  type PathPattern,
  relativeTo,
  ruleLines,
} from './path-pattern.ts';

/** The patterns of one .gitignore file, in order. */
export type IgnoreRules = readonly PathPattern[];

/** Reads a .gitignore file as gitignore(5) says. No content is an error. */
export function parseGitIgnore(bytes: Buffer): IgnoreRules {
  return ruleLines(bytes)
    .map((line) => line.replace(/\r$/, ''))
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => parsePathPattern(trimUnescapedSpaces(line)));
}

/** Spaces at the end do not count, unless a backslash quotes them. */
function trimUnescapedSpaces(line: string): string {
  const trimmed = line.replace(/ +$/, '');
  const backslashes = trimmed.length - trimmed.replace(/\\+$/, '').length;
  return backslashes % 2 === 1 && trimmed.length < line.length ? `${trimmed} ` : trimmed;
}

/**
 * True when Git would not add the file: a rule excludes it or one of the folders above it.
 * The last matching line of the deepest file decides; below an excluded folder nothing can be included again.
 * @param rulesOf the rules in a folder (the root is an empty string), if it has any.
 */
export function isIgnored(
  path: string,
  rulesOf: (folder: string) => IgnoreRules | undefined,
  budget: MatchBudget,
): boolean {
  const [, ...folders] = foldersAbove(path);
  return (
    folders.some((folder) => isExcluded({ path: folder, isFolder: true }, rulesOf, budget)) ||
    isExcluded({ path, isFolder: false }, rulesOf, budget)
  );
}

function isExcluded(
  { path, isFolder }: { path: string; isFolder: boolean },
  rulesOf: (folder: string) => IgnoreRules | undefined,
  budget: MatchBudget,
): boolean {
  for (const folder of foldersAbove(path).toReversed()) {
    const rules = rulesOf(folder);
    if (!rules) continue;
    const compared = { path: byteString(relativeTo(folder, path)), isFolder };
    const decisive = rules.findLast((rule) => matchesPattern(rule, compared, budget));
    if (decisive) return !decisive.isNegative;
  }
  return false;
}
