import { describe, expect, it } from 'vitest';
import { diffLines } from './line-diff.ts';
import { unifiedHunks } from './unified-diff.ts';

function hunks(before: string, after: string): string {
  return unifiedHunks(Buffer.from(before), Buffer.from(after), 1000).text.toString();
}

const numbered = (count: number): string[] => Array.from({ length: count }, (_, index) => `${index}\n`);

describe('unifiedHunks', () => {
  it('shows three lines around a change, and joins changes whose context meets', () => {
    const lines = numbered(30);
    const changed = lines.with(5, 'x\n').with(12, 'y\n').with(25, 'z\n');
    expect(hunks(lines.join(''), changed.join(''))).toBe(
      [
        '@@ -3,14 +3,14 @@\n 2\n 3\n 4\n-5\n+x\n 6\n 7\n 8\n 9\n 10\n 11\n-12\n+y\n 13\n 14\n 15\n',
        '@@ -23,7 +23,7 @@\n 22\n 23\n 24\n-25\n+z\n 26\n 27\n 28\n',
      ].join(''),
    );
  });

  it('names the line before where a side has none', () => {
    expect(hunks('', 'a\nb\n')).toBe('@@ -0,0 +1,2 @@\n+a\n+b\n');
    expect(hunks('a\n', '')).toBe('@@ -1 +0,0 @@\n-a\n');
  });

  it('says when the last line has no end', () => {
    expect(hunks('a', 'a\n')).toBe('@@ -1 +1 @@\n-a\n\\ No newline at end of file\n+a\n');
    expect(hunks('a\nb', 'b')).toBe('@@ -1,2 +1 @@\n-a\n b\n\\ No newline at end of file\n');
  });

  it('takes a carriage return for a part of the line', () => {
    expect(hunks('a\r\nb\n', 'a\nb\n')).toBe('@@ -1,2 +1,2 @@\n-a\r\n+a\n b\n');
  });

  it('is empty for the same texts', () => {
    expect(unifiedHunks(Buffer.from('a\n'), Buffer.from('a\n'), 1000)).toEqual({
      text: Buffer.alloc(0),
      addedLines: 0,
      deletedLines: 0,
    });
  });
});

describe('diffLines', () => {
  it('replaces the middle as a whole when lines moved too much to be followed', () => {
    const before = ['same\n', ...numbered(20_000), 'end\n'];
    const after = ['same\n', ...numbered(20_000).toReversed(), 'end\n'];
    expect(diffLines(before, after, 1000)).toEqual([
      { beforeStart: 1, beforeCount: 20_000, afterStart: 1, afterCount: 20_000 },
    ]);
  });

  it('finds few changes among many lines, and lines that are new or gone cost nothing', () => {
    const before = numbered(50_000);
    const after = before.flatMap((line, index) => (index % 10 === 0 ? [`new ${index}\n`] : [line]));
    const changes = diffLines(before, after, 10_000);
    expect(changes).toHaveLength(5000);
    expect(changes[1]).toEqual({ beforeStart: 10, beforeCount: 1, afterStart: 10, afterCount: 1 });
  });
});
