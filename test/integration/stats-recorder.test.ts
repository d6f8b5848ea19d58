import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { loadConfig } from '../../src/config.ts';
import type { RepoRef } from '../../src/domain/repo/repo-ref.ts';
import { DownloadRecorder } from '../../src/domain/stats/download-recorder.ts';
import { MAX_SESSIONS_IN_BUCKET } from '../../src/domain/stats/download-session.queries.ts';
import { buildApp } from '../../src/server/app.ts';
import { type Hub, openHub } from '../../src/server/hub.ts';
import { downloadsOf, sessionsOf, stopClock } from '../support/download-counts.ts';
import { openTestHub, type TestHub } from '../support/test-hub.ts';
import { type TestUser, World } from '../support/world.ts';

// What notes downloads behind the requests: two nodes, a clean stop, a database that does not answer, and too many clients.

let first: TestHub;
let world: World;
let owner: TestUser;

beforeAll(async () => {
  first = await openTestHub();
  world = new World(first.hub);
  owner = await world.user();
});
afterAll(() => first.close());
beforeEach(() => {
  stopClock();
  return () => void vi.useRealTimers();
});

interface NewRepo extends RepoRef {
  readonly id: number;
}

async function newRepo(): Promise<NewRepo> {
  const repo = await world.repo(owner);
  const { id } = await first.hub.services().access.require(owner.actor, repo, 'read');
  return { ...repo, id };
}

/** Another hub on the same data. */
async function withSecondNode<T>(work: (node: Hub) => Promise<T>): Promise<T> {
  const dataDir = await mkdtemp(join(tmpdir(), 'hub-node-'));
  const config = loadConfig({ ...first.env, KOHAKU_HUB_DATA_DIR: dataDir });
  const node = await openHub(config, pino({ level: 'silent' }), { migrate: false });
  try {
    return await work(node);
  } finally {
    await node.close();
    await rm(dataDir, { recursive: true, force: true });
  }
}

function noteFrom(hub: Hub, { id: repoId }: NewRepo, key: string): void {
  hub.deps.downloads.note({ repoId, client: { key, userId: null }, path: 'a.txt' });
}

/** While `work` runs, sessions cannot be written. */
async function withoutTable(work: () => Promise<void>): Promise<void> {
  const { sql } = first.hub.deps;
  await sql.execute({ text: 'alter table download_session rename to download_session_away' });
  try {
    await work();
  } finally {
    await sql.execute({ text: 'alter table download_session_away rename to download_session' });
  }
}

describe('two nodes', () => {
  test('count a client once that both of them serve, and all clients that they write at once', async () => {
    await withSecondNode(async (second) => {
      const repos = await Promise.all(Array.from({ length: 8 }, newRepo));
      const nodes = [first.hub, second];
      for (let round = 0; round < 4; round++) {
        for (const [index, node] of nodes.entries()) {
          // In another order on each node.
          for (const repo of index === 0 ? repos : repos.toReversed())
            for (let client = 0; client < 8; client++)
              noteFrom(node, repo, `client ${client + round + index}`);
        }
        await Promise.all(nodes.map((node) => node.deps.downloads.flush()));
      }
      for (const repo of repos) {
        // Clients 0 to 11: 8 of them in each of 4 rounds on 2 nodes.
        expect(await downloadsOf(first.hub, repo)).toBe(12);
        const sessions = await sessionsOf(first.hub, repo);
        expect(sessions).toHaveLength(12);
        expect(sessions.reduce((sum, { fileCount }) => sum + fileCount, 0)).toBe(64);
      }
    });
  });
});

test('a clean stop writes what is left', async () => {
  const repo = await newRepo();
  await world.commit(owner, repo, { 'a.txt': 'a' });
  await withSecondNode(async (second) => {
    const app = await buildApp(second);
    const answer = await app.inject({ url: `/${repo.namespace}/${repo.name}/resolve/main/a.txt` });
    expect(answer.statusCode).toBe(200);
    await app.close();
    expect(await downloadsOf(first.hub, repo)).toBe(0);
  });
  expect(await downloadsOf(first.hub, repo)).toBe(1);
});

test('is written by itself after some seconds', async () => {
  const repo = await newRepo();
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  noteFrom(first.hub, repo, 'client');
  vi.advanceTimersByTime(5000);
  vi.useRealTimers();
  const count = async () => (await first.hub.services().stats.totals(owner.actor, repo)).downloads;
  await vi.waitFor(async () => expect(await count()).toBe(1), { timeout: 10_000 });
});

describe('a database that does not take it', () => {
  test('gets it later, together with what came since', async () => {
    const repo = await newRepo();
    await withoutTable(async () => {
      noteFrom(first.hub, repo, 'one');
      await first.hub.deps.downloads.flush();
      for (const key of ['one', 'two']) noteFrom(first.hub, repo, key);
      await first.hub.deps.downloads.flush();
    });
    expect((await sessionsOf(first.hub, repo)).map(({ fileCount }) => fileCount)).toEqual([2, 1]);
    expect(await downloadsOf(first.hub, repo)).toBe(2);
  });

  test('does not let it grow without bound, and the operator is told', async () => {
    const lines: string[] = [];
    const log = pino({ level: 'warn' }, { write: (line: string) => void lines.push(line) });
    const recorder = new DownloadRecorder({ sql: first.hub.deps.sql, log, secret: Buffer.alloc(32, 1) });
    const repos = [await newRepo(), await newRepo(), await newRepo()];
    await withoutTable(async () => {
      for (let client = 0; client < 9000; client++) {
        for (const { id: repoId } of repos)
          recorder.note({ repoId, client: { key: `${client}`, userId: null }, path: null });
      }
      await recorder.flush();
    });
    await recorder.close();
    const counts = await Promise.all(repos.map((repo) => downloadsOf(first.hub, repo)));
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(20_000);
    expect(lines.join('')).toContain('Downloads in 7000 sessions were too many and are not counted.');
    expect(lines.join('')).toContain('are counted later');
  });

  test('at the end is told to the operator', async () => {
    const lines: string[] = [];
    const log = pino({ level: 'error' }, { write: (line: string) => void lines.push(line) });
    const recorder = new DownloadRecorder({ sql: first.hub.deps.sql, log, secret: Buffer.alloc(32, 1) });
    const { id: repoId } = await newRepo();
    await withoutTable(async () => {
      recorder.note({ repoId, client: { key: 'one', userId: null }, path: null });
      await recorder.close();
    });
    expect(lines.join('')).toContain('Downloads in 1 sessions were not counted.');
  });
});

test('one repository takes a bounded number of clients in a quarter of an hour, and those go on', async () => {
  const repo = await newRepo();
  const all = MAX_SESSIONS_IN_BUCKET + 100;
  for (let client = 0; client < all; client++) {
    noteFrom(first.hub, repo, `client ${client}`);
    if (client % 3000 === 0) await first.hub.deps.downloads.flush();
  }
  expect(await downloadsOf(first.hub, repo)).toBe(MAX_SESSIONS_IN_BUCKET);
  for (const key of ['client 0', `client ${all}`]) noteFrom(first.hub, repo, key);
  const sessions = await sessionsOf(first.hub, repo);
  expect([sessions.length, sessions[0]!.fileCount]).toEqual([MAX_SESSIONS_IN_BUCKET, 2]);
  expect(await downloadsOf(first.hub, repo)).toBe(MAX_SESSIONS_IN_BUCKET);
});
