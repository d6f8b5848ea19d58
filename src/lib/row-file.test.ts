import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { RowFile } from './row-file.ts';

async function readAll(file: RowFile): Promise<string> {
  const pieces: string[] = [];
  for await (const piece of file.read()) pieces.push(piece);
  return pieces.join('');
}

test('rows are read as they were added, as often as is wanted', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'rows-'));
  try {
    await using file = await RowFile.create(join(directory, 'rows'));
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
    await expect(RowFile.create(join(directory, 'rows'))).rejects.toThrow('EEXIST');
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
});
