import { existsSync, readFileSync } from 'node:fs';
import { expect } from 'vitest';
import { buildApp } from '../../src/server/app.ts';
import { it } from '../support/it.ts';
import { withRoutes } from '../support/routes.ts';

const ROOT = new URL('../../', import.meta.url);
const FOLDERS: Readonly<Record<string, string>> = {
  K: 'facade/kohaku',
  H: 'facade/hub',
  L: 'facade/lfs',
  G: 'facade/git',
  O: 'facade/ops',
  I: 'test/integration',
};

interface Row {
  readonly method: string;
  readonly path: string;
  readonly files: readonly string[];
}

/** The rows of the first table of the page: those that name a route file and a test. */
function coverageRows(): Row[] {
  const page = readFileSync(new URL('docs/seed-coverage.md', ROOT), 'utf8');
  return page.split('\n').flatMap((line) => {
    const [, method, path, route, test] = line.split('|').map((cell) => cell.trim());
    if (!/^[A-Z]+$/.test(method ?? '') || !route?.includes('.ts') || !test) return [];
    const files = [...`${route} ${test}`.matchAll(/`([A-Z]) ([\w.-]+)`/g)].map(
      ([, folder, file]) => `${FOLDERS[folder!]}/${file}`,
    );
    return [{ method: method!, path: path!.replaceAll('`', ''), files }];
  });
}

/** A path with its parameters left blank, in the specification's spelling or in that of the router. */
function shapeOf(path: string): string {
  return path
    .replace('{id}', '{namespace}/{name}')
    .replace(/\{type\}s|:types\([^)]*\)/g, '{types}')
    .replace(/\{\w+\}(?=\/|$)|:\w+(?=\/|$)|\*$/g, (part) => (part === '{types}' ? part : '{}'));
}

it('every endpoint of the table has its route, its file and its test', async ({ hub }) => {
  const { app, routes } = await withRoutes(() => buildApp(hub));
  await app.close();
  const served = new Set(routes.map(({ method, url }) => `${method} ${shapeOf(url)}`));
  const rows = coverageRows();
  expect(rows.length).toBeGreaterThan(10);
  const wrong = rows.flatMap(({ method, path, files }) => {
    const missing = files.filter((file) => !existsSync(new URL(file, ROOT)));
    if (files.length < 2) missing.push('a route file and a test');
    if (!served.has(`${method} ${shapeOf(path)}`)) missing.push('the route');
    return missing.map((what) => `${method} ${path}: ${what}`);
  });
  expect(wrong).toEqual([]);
});
