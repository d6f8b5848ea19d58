import { describe, expect, it } from 'vitest';

import { BadRequest } from '../lib/domain-error.ts';
import { isValidRefName, parseBranchName, parseTagName, shortRefName } from './ref-name.ts';

describe('isValidRefName', () => {
  it.for([
    'refs/heads/main',
    'refs/pr/1',
    'refs/heads/a/b.c',
    'refs/heads/@',
    'refs/heads/ü-😀',
    'refs/heads/-x',
    'a/b',
    'refs/heads/{x}',
  ])('takes %j', (name) => {
    expect(isValidRefName(name)).toBe(true);
  });

  it.for([
    '',
    'main',
    '@',
    '/a/b',
    'a/b/',
    'a//b',
    'a/.b',
    'a/b.lock',
    'a.lock/b',
    'a/b..c',
    'a/b.',
    'a/b c',
    'a/b~1',
    'a/b^',
    'a/b:c',
    'a/b?',
    'a/*',
    'a/[b',
    'a/b\\c',
    'a/b@{1}',
    'a/\x7f',
    'a/\n',
    'a/\ud800',
    `a/${'x'.repeat(251)}`,
    'a/b'.repeat(400),
  ])('refuses %j', (name) => {
    expect(isValidRefName(name)).toBe(false);
  });
});

describe('branch and tag names', () => {
  it('become full ref names and short ones again', () => {
    expect(parseBranchName('feature/x')).toBe('refs/heads/feature/x');
    expect(parseTagName('v1.0')).toBe('refs/tags/v1.0');
    expect(shortRefName(parseBranchName('feature/x'))).toBe('feature/x');
    expect(shortRefName(parseTagName('v1.0'))).toBe('v1.0');
  });

  it.for(['', '-x', '@', 'HEAD', 'a..b', 'refs/heads/x', 'ab'.repeat(20), 'AB'.repeat(20), '/x', 'x/'])(
    'refuse %j',
    (name) => {
      expect(() => parseBranchName(name)).toThrow(BadRequest);
      expect(() => parseTagName(name)).toThrow(BadRequest);
    },
  );
});
