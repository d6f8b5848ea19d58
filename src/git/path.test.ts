import { describe, expect, it } from 'vitest';

import { InvalidPath } from '../lib/domain-error.ts';
import { MAX_PATH_BYTES, MAX_PATH_SEGMENTS, parseFolderPath, parseRepoPath } from './path.ts';

describe('parseRepoPath', () => {
  it.for([
    'README.md',
    'a/b/c.txt',
    'größe/日本/😀',
    '.gitattributes',
    'a b/ c ',
    '...',
    'x:y',
    'x'.repeat(255),
    'é'.repeat(127),
    Array.from({ length: MAX_PATH_SEGMENTS }, () => 'a').join('/'),
  ])('takes %j', (path) => {
    expect(parseRepoPath(path)).toBe(path);
  });

  it.for([
    ['', 'empty'],
    ['/a', 'slash'],
    ['a/', 'slash'],
    ['a//b', 'slash'],
    ['.', 'segment'],
    ['a/../b', 'segment'],
    ['./a', 'segment'],
    ['a\\b', 'backslash'],
    ['a\0b', 'control'],
    ['a\nb', 'control'],
    ['a\x7f', 'control'],
    ['a\x85', 'control'],
    ['a/\ud800', 'Unicode'],
    ['b\udcff', 'Unicode'],
    ['.git/config', 'reserved'],
    ['a/.GIT', 'reserved'],
    ['GIT~1/x', 'reserved'],
    ['a/.git. /x', 'reserved'],
    ['.g\u200cit', 'reserved'],
    ['x'.repeat(256), '255 bytes'],
    ['é'.repeat(128), '255 bytes'],
    ['x/'.repeat(3000), `${MAX_PATH_BYTES} bytes`],
    ['日'.repeat(85).concat('/').repeat(9), `${MAX_PATH_BYTES} bytes`],
    [`${'a/'.repeat(MAX_PATH_SEGMENTS)}a`, 'levels'],
  ] as const)('refuses %j', ([path, reason]) => {
    expect(() => parseRepoPath(path)).toThrow(InvalidPath);
    expect(() => parseRepoPath(path)).toThrow(reason);
  });

  it('shows little of a hostile path', () => {
    expect(() => parseRepoPath(`\n${'x'.repeat(1_000_000)}`)).toThrow(
      /^The path '\\u\{a\}x{199}…' is invalid: .{1,80}$/,
    );
  });
});

describe('parseFolderPath', () => {
  it('drops one slash at the end', () => {
    expect(parseFolderPath('a/b/')).toBe('a/b');
    expect(parseFolderPath('a/b')).toBe('a/b');
    for (const path of ['', '/', 'a//', '../']) expect(() => parseFolderPath(path)).toThrow(InvalidPath);
  });
});
