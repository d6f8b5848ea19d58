import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { RowFile, type RowSource, rowSource, SyncRowFile } from './row-file.ts';

async function readAll(file: RowSource): Promise<string> {
  const pieces: Buffer[] = [];
  for await (const piece of file.read()) pieces.push(piece);
  return Buffer.concat(pieces).toString();
}

test('rows are read as they were added, as often as is wanted', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'rows-'));
  try {
    await using file = new RowFile(join(directory, 'rows'));
    expect([file.count, await readAll(file)]).toEqual([0, '']);
    const rows = Array.from(
      { length: 20_000 },
      (_, index) => `${index}\tzwölf 日本 ${'x'.repeat(index % 90)}\n`,
    );
    for (const row of rows) {
      file.add(row);
      await file.flush();
    }
    expect(file.count).toBe(rows.length);
    const whole = rows.join('');
    expect((await readAll(file)) === whole).toBe(true);
    expect((await readAll(file)) === whole).toBe(true);
    await using same = new RowFile(join(directory, 'rows'));
    same.add('x'.repeat(2 ** 20));
    await expect(same.flush()).rejects.toThrow('EEXIST');
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
});

test('few rows need no file, and a thread keeps rows in the same way', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'rows-'));
  try {
    await using few = new RowFile(join(directory, 'few'));
    few.add('one\n');
    await few.flush();
    expect(await readAll(few)).toBe('one\n');
    for (const count of [3, 20_000]) {
      using file = new SyncRowFile(join(directory, 'thread'));
      const rows = Array.from(
        { length: count },
        (_, index) => `${index}\tzwölf 日本 ${'x'.repeat(index % 90)}\n`,
      );
      for (const row of rows) file.add(row);
      const written = file.finish();
      expect([written.count, written.path !== null]).toEqual([count, count > 3]);
      expect((await readAll(rowSource(written))) === rows.join('')).toBe(true);
    }
    expect(await readdir(directory)).toEqual(['thread']);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
});
