import * as fc from 'fast-check';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  attributeOf,
  type AttributeValue,
  parseGitAttributes,
} from '../../src/domain/upload/git-attributes.ts';
import { isIgnored, parseGitIgnore } from '../../src/domain/upload/git-ignore.ts';
import { MatchBudget } from '../../src/domain/upload/match-budget.ts';

const PATHS = [
  'a',
  'b',
  'ab',
  'ba',
  'a.b',
  '.a',
  'a b',
  'é',
  'a]',
  'a-',
  '!a',
  '#a',
  'a\\b',
  'a/b',
  'a/a',
  'b/a/b',
  'a/b/a',
  'ab/a',
  'a/ab/b',
  'b/b/b/b',
  'a/b/a/b/a',
  'é/a',
  'a b/a.b',
];

const piece = fc.constantFrom(
  'a',
  'b',
  '.',
  'é',
  '*',
  '**',
  '***',
  '?',
  '/',
  '**/',
  '/**',
  '/**/',
  '[ab]',
  '[!a]',
  '[^b]',
  '[a-b]',
  '[]a]',
  '[[:alpha:]]',
  '[[:space:]]',
  '[[:x:]]',
  '[[:a]',
  '[a-]',
  '[-a]',
  '[\\]]',
  '[',
  ']',
  '\\',
  '\\*',
  '\\a',
  '-',
  ' ',
  '\\ ',
  '"',
);
const glob = fc.array(piece, { minLength: 1, maxLength: 6 }).map((pieces) => pieces.join(''));
const prefix = fc.constantFrom('', '', '', '!', '/', '\\!', '#', '\\#');
const suffix = fc.constantFrom('', '', '', '/', ' ', '\r', '\t');
const ignoreLine = fc.tuple(prefix, glob, suffix).map((parts) => parts.join(''));
const ignoreFile = fc.array(ignoreLine, { maxLength: 5 }).map((lines) => lines.join('\n'));

const attribute = fc.constantFrom(
  'filter=lfs',
  'filter=lfs',
  '-filter',
  '!filter',
  'filter',
  'filter=other',
  'filter=',
  'text',
  'big',
  '-big',
  'binary',
  '-x=y',
  'bad/name',
);
const quotedGlob = glob.map((text) => `"${text.replaceAll(/["\\]/g, '\\$&')}"`);
const attributeLine = fc.oneof(
  {
    weight: 8,
    arbitrary: fc
      .tuple(prefix, fc.oneof(glob, quotedGlob), fc.array(attribute, { maxLength: 3 }))
      .map(([start, pattern, words]) => `${start}${pattern} ${words.join(' ')}`),
  },
  {
    weight: 1,
    arbitrary: fc.array(attribute, { maxLength: 2 }).map((words) => `[attr]big ${words.join('\t')}`),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      '  a filter=lfs',
      '"a\\040b" filter=lfs',
      '"a filter=lfs',
      '[attr]binary filter=lfs',
      '# a filter',
    ),
  },
);
const attributesFile = fc.array(attributeLine, { maxLength: 5 }).map((lines) => lines.join('\n'));

describe('rule files agree with the git binary', () => {
  let repo: string;
  const git = (args: readonly string[]): string[] =>
    spawnSync('git', ['-c', 'core.excludesFile=', ...args], {
      cwd: repo,
      input: PATHS.map((path) => `${path}\0`).join(''),
    })
      .stdout.toString('utf8')
      .split('\0');

  beforeAll(() => {
    repo = mkdtempSync(join(tmpdir(), 'rule-files-'));
    git(['init', '--quiet']);
    for (const path of PATHS.toReversed().filter((name) => name.includes('/'))) {
      mkdirSync(join(repo, dirname(path)), { recursive: true });
    }
    for (const path of PATHS) {
      if (files.has(path)) writeFileSync(join(repo, path), '');
    }
  });
  afterAll(() => rmSync(repo, { recursive: true, force: true }));

  const files = new Set(PATHS.filter((path) => !PATHS.some((other) => other.startsWith(`${path}/`))));

  it('.gitignore, also in a folder', () => {
    fc.assert(
      fc.property(ignoreFile, ignoreFile, (root, nested) => {
        writeFileSync(join(repo, '.gitignore'), root);
        writeFileSync(join(repo, 'a', '.gitignore'), nested);
        const fields = git(['check-ignore', '--stdin', '-z', '--verbose', '--non-matching', '--no-index']);
        const rules = new Map([
          ['', parseGitIgnore(Buffer.from(root))],
          ['a', parseGitIgnore(Buffer.from(nested))],
        ]);
        for (const [index, path] of PATHS.entries()) {
          if (!files.has(path)) continue;
          const pattern = fields[index * 4 + 2]!;
          const expected = pattern !== '' && !pattern.startsWith('!');
          expect([path, isIgnored(path, (folder) => rules.get(folder), new MatchBudget())]).toEqual([
            path,
            expected,
          ]);
        }
      }),
      { numRuns: 150 },
    );
  });

  it('.gitattributes, also in a folder', () => {
    fc.assert(
      fc.property(attributesFile, attributesFile, (root, nested) => {
        writeFileSync(join(repo, '.gitattributes'), root);
        writeFileSync(join(repo, 'a', '.gitattributes'), nested);
        const fields = git(['check-attr', '--stdin', '-z', 'filter']);
        const rules = new Map([
          ['', parseGitAttributes(Buffer.from(root))],
          ['a', parseGitAttributes(Buffer.from(nested))],
        ]);
        for (const [index, path] of PATHS.entries()) {
          const value = attributeOf('filter', path, {
            rulesOf: (folder) => rules.get(folder),
            budget: new MatchBudget(),
          });
          expect([path, asGitPrints(value)]).toEqual([path, fields[index * 3 + 2]]);
        }
      }),
      { numRuns: 150 },
    );
  });
});

function asGitPrints(value: AttributeValue | undefined): string {
  if (value === true) return 'set';
  if (value === false) return 'unset';
  return value ?? 'unspecified';
}
