import { describe, expect, it } from 'vitest';
import { BadRequest } from '../errors.ts';
import { attributeOf, parseGitAttributes } from './git-attributes.ts';
import { isIgnored, parseGitIgnore } from './git-ignore.ts';
import { MatchBudget } from './match-budget.ts';

function ignored(path: string, files: Readonly<Record<string, string>>): boolean {
  const rules = new Map(
    Object.entries(files).map(([folder, text]) => [folder, parseGitIgnore(Buffer.from(text))]),
  );
  return isIgnored(path, (folder) => rules.get(folder), new MatchBudget());
}

function filter(path: string, files: Readonly<Record<string, string>>) {
  const rules = new Map(
    Object.entries(files).map(([folder, text]) => [folder, parseGitAttributes(Buffer.from(text))]),
  );
  return attributeOf('filter', path, { rulesOf: (folder) => rules.get(folder), budget: new MatchBudget() });
}

// `test/git/rule-files.test.ts` compares random rules with the git binary; these say what is meant.
describe('.gitignore', () => {
  it.each([
    ['logs/a.txt', 'logs/', true],
    ['logs', 'logs/', false],
    ['a/b.log', '*.log', true],
    ['a/b.log', '/*.log', false],
    ['keep.log', '*.log\n!keep.log', false],
    ['logs/keep.log', 'logs/\n!logs/keep.log', true],
    ['a/x/y/b', 'a/**/b', true],
    ['a/b', 'a/**/b', true],
    ['bx/a', 'b**/a', true],
    ['bx/y/a', 'b**/a', true],
    ['#x', '\\#x', true],
    ['x ', 'x\\ ', true],
    ['x', 'x   ', true],
    ['x', 'x\r', true],
    ['x', '\u{feff}x', true],
    ['é', '?', false],
  ])('%s under %j: %s', (path, text, expected) => {
    expect(ignored(path, { '': text })).toBe(expected);
  });

  it('lets a deeper file win', () => {
    expect(ignored('a/x.log', { '': '*.log', a: '!x.log' })).toBe(false);
    expect(ignored('b/x.log', { '': '*.log', a: '!x.log' })).toBe(true);
  });
});

describe('.gitattributes', () => {
  it.each([
    ['a/b.bin', '*.bin filter=lfs diff=lfs merge=lfs -text', 'lfs'],
    ['a.bin', '*.bin filter=lfs\na.bin -filter', false],
    ['a.bin', '*.bin filter=lfs\na.bin !filter', null],
    ['a.bin', '*.bin filter=lfs\na.bin text', 'lfs'],
    ['models/a', 'models/ filter=lfs', undefined],
    ['models/a', 'models/** filter=lfs', 'lfs'],
    ['a b', '"a b" filter=lfs', 'lfs'],
    ['a.bin', '[attr]big filter=lfs\n*.bin big', 'lfs'],
    ['a.bin', '*.bin binary', undefined],
    ['a.bin', '!*.bin filter=lfs', undefined],
  ])('%s under %j: %s', (path, text, expected) => {
    expect(filter(path, { '': text })).toBe(expected);
  });

  it('lets a deeper file win, and takes macros from the root only', () => {
    expect(filter('a/x.bin', { '': '*.bin filter=lfs', a: '*.bin -filter' })).toBe(false);
    expect(filter('a/x.bin', { a: '[attr]big filter=lfs\n*.bin big' })).toBeUndefined();
  });
});

describe('hostile rules', () => {
  const path = `${'a/'.repeat(255)}b`;
  const rules = parseGitIgnore(Buffer.from('**/a*/**/a*/**/a*/**/a*/**/a*/**/a*/**/a*/**/c'));

  it('cost time in proportion to their length, not more', () => {
    const budget = new MatchBudget(256 * 512 * 30);
    expect(isIgnored(path, (folder) => (folder === '' ? rules : undefined), budget)).toBe(false);
  });

  it('end in an error when they are too many', () => {
    expect(() => isIgnored(path, () => rules, new MatchBudget(100_000))).toThrow(BadRequest);
  });
});
