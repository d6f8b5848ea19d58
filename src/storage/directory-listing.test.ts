import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { listDirectory } from './directory-listing.ts';

/** In the order of S3: `-` and `.` come before the slash of a folder, digits and letters after it. */
const KEYS = ['a-1', 'a.1', 'a/1', 'a/b-1', 'a/b/1', 'a/b/2', 'a/b0', 'a0', 'b/1', 'c'];

describe('listDirectory', () => {
  let root: string;

  beforeAll(async () => {
    root = await mkdtemp(join(tmpdir(), 'directory-listing-'));
    for (const key of [...KEYS].reverse()) {
      await mkdir(dirname(join(root, key)), { recursive: true });
      await writeFile(join(root, key), key);
    }
  });
  afterAll(() => rm(root, { recursive: true }));

  async function keys(options: { prefix: string; cursor?: string; limit?: number }): Promise<string[]> {
    return (await listDirectory(root, options)).objects.map(({ key }) => key);
  }

  it('sorts by the whole key', async () => {
    expect(await keys({ prefix: '' })).toEqual(KEYS);
  });

  it.each(['a', 'a/', 'a/b', 'a/b/', 'a/b/2', 'b/', 'x', 'a/b/2/'])(
    'keeps to the prefix %j',
    async (prefix) => {
      expect(await keys({ prefix })).toEqual(KEYS.filter((key) => key.startsWith(prefix)));
    },
  );

  it.each(KEYS)('goes on after %s', async (cursor) => {
    expect(await keys({ prefix: '', cursor })).toEqual(KEYS.slice(KEYS.indexOf(cursor) + 1));
  });

  it('names a next page only when there is one', async () => {
    const whole = await listDirectory(root, { prefix: '', limit: KEYS.length });
    expect(whole.nextCursor).toBeNull();
    const part = await listDirectory(root, { prefix: '', limit: KEYS.length - 1 });
    expect(part.nextCursor).toBe('b/1');
  });
});
