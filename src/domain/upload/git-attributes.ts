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

/** `name`, `-name`, `name=value` and `!name` (null: as if nothing had been said). */
export type AttributeValue = true | false | string | null;
type Assignments = readonly (readonly [name: string, value: AttributeValue])[];

/** One .gitattributes file. */
export interface AttributeRules {
  /** Last line first: the last match wins. */
  readonly rules: readonly { readonly pattern: PathPattern; readonly assignments: Assignments }[];
  /** `[attr]name …` lines; Git takes them from the root's file only. */
  readonly macros: ReadonlyMap<string, Assignments>;
}

const MACRO_PREFIX = '[attr]';
const BLANK = /[ \t\r]+/;
const BUILT_IN_MACROS: ReadonlyMap<string, Assignments> = new Map([
  [
    'binary',
    [
      ['diff', false],
      ['merge', false],
      ['text', false],
    ],
  ],
]);

/** Reads a .gitattributes file as gitattributes(5) and attr.c do: a line that breaks a rule is skipped. */
export function parseGitAttributes(bytes: Buffer): AttributeRules {
  const rules: AttributeRules['rules'][number][] = [];
  const macros = new Map<string, Assignments>();
  for (const line of ruleLines(bytes)) {
    const { subject, rest } = splitSubject(line.replace(/^[ \t\r]+/, ''));
    if (subject === '' || subject.startsWith('#')) continue;
    const isMacro = subject.startsWith(MACRO_PREFIX) && subject !== MACRO_PREFIX;
    const assignments = parseAssignments(rest);
    if (!assignments) continue;
    if (isMacro) {
      const name = subject.slice(MACRO_PREFIX.length);
      if (isAttributeName(name)) macros.set(name, assignments);
    } else if (!subject.startsWith('!')) {
      rules.push({ pattern: parsePathPattern(subject), assignments });
    }
  }
  return { rules: rules.reverse(), macros };
}

/** The pattern and what follows it. A pattern in double quotes may hold blanks and C escapes. */
function splitSubject(line: string): { subject: string; rest: string } {
  const quoted = /^"((?:[^"\\]|\\(?:[abfnrtv\\"]|[0-3][0-7]{2}))*)"/.exec(line);
  if (quoted) return { subject: unquote(quoted[1]!), rest: line.slice(quoted[0].length) };
  const end = line.search(BLANK);
  return end === -1 ? { subject: line, rest: '' } : { subject: line.slice(0, end), rest: line.slice(end) };
}

const ESCAPES: Readonly<Record<string, string>> = {
  a: '\x07',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
};

function unquote(text: string): string {
  return text.replaceAll(/\\([0-7]{3}|.)/g, (_, escape: string) =>
    escape.length === 3 ? String.fromCharCode(Number.parseInt(escape, 8)) : (ESCAPES[escape] ?? escape),
  );
}

function parseAssignments(text: string): Assignments | null {
  const assignments = text.split(BLANK).filter(Boolean).map(parseAssignment);
  return assignments.every(([name]) => isAttributeName(name)) ? assignments : null;
}

function parseAssignment(word: string): readonly [string, AttributeValue] {
  const [, mark, name = '', value] = /^([-!]?)([^=]*)(?:=(.*))?$/s.exec(word) ?? [];
  if (mark === '-') return [name, false];
  if (mark === '!') return [name, null];
  return [name, value ?? true];
}

function isAttributeName(name: string): boolean {
  return /^[A-Za-z0-9_.][-A-Za-z0-9_.]*$/.test(name) && !name.startsWith('builtin_');
}

/**
 * The value of one attribute for a file. Deeper files win over higher ones, later lines over earlier ones; undefined
 * when no line says anything about it.
 * @param rulesOf the attributes file in a folder (the root is an empty string), if it has one.
 */
export function attributeOf(
  attribute: string,
  path: string,
  { rulesOf, budget }: { rulesOf: (folder: string) => AttributeRules | undefined; budget: MatchBudget },
): AttributeValue | undefined {
  const decided = new Map<string, AttributeValue>();
  const userMacros = rulesOf('')?.macros;
  const decide = (assignments: Assignments): void => {
    for (const [name, value] of assignments.toReversed()) {
      if (decided.has(name)) continue;
      decided.set(name, value);
      budget.spend(1);
      const macro = value === true ? (userMacros?.get(name) ?? BUILT_IN_MACROS.get(name)) : undefined;
      if (macro) decide(macro);
    }
  };
  for (const folder of foldersAbove(path).toReversed()) {
    const file = rulesOf(folder);
    if (!file) continue;
    const compared = { path: byteString(relativeTo(folder, path)), isFolder: false };
    for (const rule of file.rules) {
      if (matchesPattern(rule.pattern, compared, budget)) decide(rule.assignments);
      if (decided.has(attribute)) return decided.get(attribute);
    }
  }
  return undefined;
}
