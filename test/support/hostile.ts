import type { AddressInfo } from 'node:net';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test as base } from 'vitest';
import type { RepoRef } from '../../src/domain/repo/repo-ref.ts';
import { buildApp } from '../../src/server/app.ts';
import type { Hub } from '../../src/server/hub.ts';
import { apiUrl, ContentWorld, HEADER, webUrl } from './content.ts';
import { type Route, withRoutes } from './routes.ts';
import { type RawAnswer, type RawRequest, sendRaw } from './raw-http.ts';
import { openTestHub } from './test-hub.ts';
import type { TestUser } from './world.ts';

/** Small, so that a test can go beyond them. */
export const LIMITS = { commitBytes: 4 * 2 ** 20, fileBytes: 2 ** 20, jsonBytes: 64 * 1024, timeoutMs: 1000 };

/** A hub that listens, for requests that no client library would send. */
export class HostileWorld extends ContentWorld {
  readonly port: number;
  readonly routes: readonly Route[];

  constructor(content: ContentWorld, { port, routes }: { port: number; routes: readonly Route[] }) {
    super(content.hub, content.app);
    this.port = port;
    this.routes = routes;
  }

  send(user: TestUser | null, request: RawRequest): Promise<RawAnswer> {
    const credentials = user ? [`authorization: ${user.headers.authorization}`] : [];
    return sendRaw(this.port, { ...request, headers: [...credentials, ...(request.headers ?? [])] });
  }

  /** Sends JSON text as it is. */
  sendJson(user: TestUser | null, method: string, target: string, body: string | Buffer): Promise<RawAnswer> {
    return this.send(user, { method, target, headers: ['content-type: application/json'], body });
  }

  /** What a refused request must not change. */
  traces(): Promise<Readonly<Record<string, number>>> {
    return tracesOf(this.hub);
  }

  /** What `hub fsck` finds. */
  async findings(): Promise<readonly unknown[]> {
    const found: unknown[] = [];
    await this.hub.services().fsck.runAsOperator((finding) => found.push(finding));
    return found;
  }
}

/** Rows of every table and files of the object store, but for counters, which are also written behind requests that are over. */
export async function tracesOf({ deps, config }: Hub): Promise<Readonly<Record<string, number>>> {
  const { sql } = deps;
  const tables = await sql.query<{ name: string }>({
    text: `
      select c.relname as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
      where n.nspname = 'public' and c.relkind in ('r', 'p') and not c.relispartition
        and c.relname not in ('login_throttle', 'download_session', 'daily_repo_stats') order by 1`,
  });
  const counts: Record<string, number> = {};
  for (const { name } of tables) {
    const [row] = await sql.query<{ rows: number }>({ text: `select count(*) as rows from "${name}"` });
    counts[name] = row!.rows;
  }
  const files = await readdir(join(config.dataDir, 'objects'), { recursive: true, withFileTypes: true });
  counts['files'] = files.filter((entry) => entry.isFile()).length;
  return counts;
}

/** What the requests are aimed at. */
export interface Target {
  readonly owner: TestUser;
  readonly repo: RepoRef;
  /** `/api/models/ns/name` */
  readonly api: string;
  /** `/ns/name` */
  readonly web: string;
  readonly routes: readonly Route[];
}

/** `hostile`: a listening hub with small limits, for each test file; `target`: a repository in it with a few files. */
export const it = base
  .extend('hostile', { scope: 'file' }, async ({}, { onCleanup }) => {
    const test = await openTestHub({
      LFS_THRESHOLD_BYTES: String(LIMITS.fileBytes),
      MAX_COMMIT_BODY_BYTES: String(LIMITS.commitBytes),
      MAX_REGULAR_FILE_BYTES: String(LIMITS.fileBytes),
      MAX_JSON_BODY_BYTES: String(LIMITS.jsonBytes),
      REQUEST_TIMEOUT_MS: String(LIMITS.timeoutMs),
    });
    const { app, routes } = await withRoutes(() => buildApp(test.hub));
    await app.listen({ host: '127.0.0.1', port: 0 });
    onCleanup(async () => {
      app.server.closeAllConnections();
      await app.close();
      await test.close();
    });
    const { port } = app.server.address() as AddressInfo;
    return new HostileWorld(new ContentWorld(test.hub, app), { port, routes });
  })
  .extend('target', { scope: 'file' }, async ({ hostile }): Promise<Target> => {
    const owner = await hostile.user();
    const repo = await hostile.repo(owner);
    await hostile.commit(owner, repo, { 'a.txt': 'a', 'dir/b.txt': 'b' });
    return { owner, repo, api: apiUrl(repo), web: webUrl(repo), routes: hostile.routes };
  });

/** What every refusal must look like; returns what is wrong with it, nothing when it is right. */
export function flawsOf(answer: RawAnswer, { hasBody = true } = {}): string[] {
  const { status, headers, body } = answer;
  const flaws: string[] = [];
  if (status < 400 || status > 499) flaws.push(`status ${status}`);
  for (const name of ['x-error-code', 'x-error-message', 'x-request-id']) {
    if (!headers[name]) flaws.push(`no ${name}`);
  }
  if (hasBody && !errorOf(answer)) flaws.push(`body ${body.slice(0, 200)}`);
  return flaws;
}

/** The sentence of an error's body: `error`, or `message` of the LFS API. To Git clients it is plain text. */
function errorOf({ headers, body }: RawAnswer): string | undefined {
  if (headers['content-type'] === 'text/plain; charset=utf-8') return body.trim();
  try {
    const parsed = JSON.parse(body) as { error?: string; message?: string };
    return parsed.error ?? parsed.message;
  } catch {
    return undefined;
  }
}

export const JSON_TYPE = ['content-type: application/json'];

/** A test: each of these requests must be refused although its sender owns the repository, and leave nothing behind. */
export function refused(cases: (target: Target) => Readonly<Record<string, RawRequest>>) {
  return async ({ hostile, target }: { hostile: HostileWorld; target: Target }): Promise<void> => {
    const before = await hostile.traces();
    const flaws: string[] = [];
    for (const [name, request] of Object.entries(cases(target))) {
      const answer = await hostile.send(target.owner, request);
      const found = flawsOf(answer, { hasBody: request.method !== 'HEAD' });
      if (found.length > 0) flaws.push(`${name}: ${found.join(', ')}`);
    }
    expect(flaws).toEqual([]);
    expect(await hostile.traces()).toEqual(before);
    expect((await hostile.send(null, { target: '/health' })).status).toBe(200);
  };
}

export const NDJSON_TYPE = ['content-type: application/x-ndjson'];
/** First line of a commit. */
export const COMMIT_HEADER = JSON.stringify(HEADER);

/** A commit to `main`, as it is. @param api of the repository. */
export function rawCommit(api: string, body: string | Buffer, ...headers: readonly string[]): RawRequest {
  return { method: 'POST', target: `${api}/commit/main`, headers: [...NDJSON_TYPE, ...headers], body };
}
