import { glob, readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { entities } from './entities.ts';

it('has every table on the page about the data model', async () => {
  const page = await readFile(new URL('../../docs/data-model.md', import.meta.url), 'utf8');
  const tables: string[] = [];
  for await (const path of glob('**/*.entity.ts', { cwd: import.meta.dirname })) {
    const source = await readFile(`${import.meta.dirname}/${path}`, 'utf8');
    for (const [, table] of source.matchAll(/^ {2}tableName: '(\w+)',$/gm)) tables.push(table!);
  }
  expect(tables).toHaveLength(entities.length);
  expect(tables.filter((table) => !new RegExp(`\`${table}[\`.]`).test(page))).toEqual([]);
});
