import { describe, expect, it } from 'vitest';
import { BadRequest } from '../../src/domain/errors.ts';
import { parseRevisionPath } from './file-url.ts';

describe('parseRevisionPath', () => {
  it.each([
    ['/a/b/resolve/main/x/y.txt', 'main', 'x/y.txt'],
    ['/a/b/resolve/main/x%2Fy.txt?download=true', 'main', 'x/y.txt'],
    ['/a/b/resolve/feat%2Fx/a%20b/c%23d%3F%25.txt', 'feat/x', 'a b/c#d?%.txt'],
    ['/a/b/resolve/refs%2Fpr%2F1/x', 'refs/pr/1', 'x'],
    ['/a/b/resolve/refs/pr/1/x/y', 'refs/pr/1', 'x/y'],
    ['/a/b/resolve/refs/convert/parquet/x', 'refs/convert/parquet', 'x'],
    ['/a/b/resolve/refs/heads/x', 'refs', 'heads/x'],
    ['/a/b/resolve/main', 'main', ''],
    ['/a/b/resolve/v1/resolve/main', 'v1', 'resolve/main'],
  ])('%s', (url, revision, path) => {
    expect(parseRevisionPath(url, 4)).toEqual({ revision, path });
  });

  it('refuses broken percent-encoding', () => {
    expect(() => parseRevisionPath('/a/b/resolve/main/%ff', 4)).toThrow(BadRequest);
  });
});
