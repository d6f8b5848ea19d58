import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { BoundedLogFile } from './bounded-log-file.ts';

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'bounded-log-'));
});
afterEach(() => rm(dir, { recursive: true }));

describe('BoundedLogFile', () => {
  it('goes on where the last one stopped and keeps one full file', async () => {
    const path = join(dir, 'a.log');
    for (const line of ['one\n', 'two\n', 'three\n', 'four\n']) {
      const file = new BoundedLogFile(path, 10);
      file.write(Buffer.from(line));
      file.close();
    }
    expect(await readFile(path, 'utf8')).toBe('four\n');
    expect(await readFile(`${path}.1`, 'utf8')).toBe('three\n');
    expect(await readdir(dir)).toEqual(['a.log', 'a.log.1']);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
  });
});
