import type { FastifyInstance } from 'fastify';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { existsSync, readFileSync } from 'node:fs';
import { expect } from 'vitest';
import { buildApp } from '../../src/server/app.ts';
import type { Hub } from '../../src/server/hub.ts';
import { it } from '../support/it.ts';
import { type Route, withRoutes } from '../support/routes.ts';

const ROOT = new URL('../../', import.meta.url);
const FOLDERS: Readonly<Record<string, string>> = {
  K: 'facade/kohaku',
  H: 'facade/hub',
  L: 'facade/lfs',
  G: 'facade/git',
  O: 'facade/ops',
  I: 'test/integration',
  T: 'test/git',
};
/** In the specification's summary. */
const ENDPOINT_COUNT = 87;
const NOT_BUILT = 'not built yet';

interface Row {
  readonly method: string;
  readonly path: string;
  /** Null: not built. */
  readonly routeFile: string | null;
  readonly testFiles: readonly string[];
}

/** The rows of the first table of the page. */
function coverageRows(): Row[] {
  const page = readFileSync(new URL('docs/seed-coverage.md', ROOT), 'utf8');
  const lines = page.slice(0, page.indexOf('\n## ')).split('\n');
  return lines.flatMap((line) => {
    const [, method = '', path = '', route = '', test = ''] = line.split('|').map((cell) => cell.trim());
    if (!/^[A-Z]+$/.test(method)) return [];
    const routeFile = route === NOT_BUILT ? null : (filesOf(route)[0] ?? route);
    return [{ method, path: path.replaceAll('`', ''), routeFile, testFiles: filesOf(test) }];
  });
}

function filesOf(cell: string): string[] {
  return [...cell.matchAll(/`([A-Z]) ([\w.-]+)`/g)].map(([, folder, file]) => `${FOLDERS[folder!]}/${file}`);
}

/** What a client would ask: `/models/x/x/branch/x` for `/{type}s/{id}/branch/{branch}`. */
function sampleOf(path: string): string {
  return path
    .replace('{type}s', 'models')
    .replace('{id}', 'x/x')
    .replaceAll(/\{\w+\}/g, 'x');
}

const CREATED = 'fastify.initialization';

function answerWithRoute(message: unknown): void {
  (message as { fastify: FastifyInstance }).fastify.addHook('onRequest', async (request, reply) => {
    const url = request.is404 ? undefined : request.routeOptions.url;
    return reply.header('x-route', url ?? 'none').send();
  });
}

/** An application that answers every request with the route that it found, before anything else sees the request. */
async function openRouter(hub: Hub): Promise<{ app: FastifyInstance; routes: readonly Route[] }> {
  subscribe(CREATED, answerWithRoute);
  try {
    return await withRoutes(() => buildApp(hub));
  } finally {
    unsubscribe(CREATED, answerWithRoute);
  }
}

it('every endpoint of the specification has its route, in the file that the table says, and its test', async ({
  hub,
}) => {
  const { app, routes } = await openRouter(hub);
  const rows = coverageRows();
  expect(new Set(rows.map(({ method, path }) => `${method} ${path}`)).size).toBe(ENDPOINT_COUNT);
  const wrong: string[] = [];
  for (const { method, path, routeFile, testFiles } of rows) {
    const { headers } = await app.inject({ method: method as 'GET', url: sampleOf(path) });
    const url = String(headers['x-route']);
    const file = routes.find((route) => route.method === method && route.url === url)?.file ?? null;
    const missing = testFiles.filter((name) => !existsSync(new URL(name, ROOT)));
    if (file !== routeFile) missing.push(`${url} of ${file}, the table says ${routeFile ?? NOT_BUILT}`);
    if (routeFile !== null && testFiles.length === 0) missing.push('no test');
    wrong.push(...missing.map((what) => `${method} ${path}: ${what}`));
  }
  await app.close();
  expect(wrong).toEqual([]);
});
