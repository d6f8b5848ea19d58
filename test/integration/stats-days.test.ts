import type { LightMyRequestResponse } from 'fastify';
import { describe, expect } from 'vitest';
import type { RepoRef } from '../../src/domain/repo/repo-ref.ts';
import type { Hub } from '../../src/server/hub.ts';
import { it } from '../support/it.ts';
import type { TestUser, World } from '../support/world.ts';

// Days of downloads, what is made of them, and the routes that tell them.

const DAY_MS = 86_400_000;
const BUCKET_MS = 900_000;

interface CountedRepo extends RepoRef {
  readonly id: number;
}

async function newRepo(
  { hub, world, owner }: { hub: Hub; world: World; owner: TestUser },
  options: Parameters<World['repo']>[1] = {},
): Promise<CountedRepo> {
  const repo = await world.repo(owner, options);
  const { id } = await hub.services().access.require(owner.actor, repo, 'read');
  return { ...repo, id };
}

/** Sessions of so many clients at a time. */
async function addSessions(
  { deps }: Hub,
  repo: CountedRepo,
  {
    at,
    clients,
    files = 1,
    isAuthenticated = false,
  }: { at: Date; clients: number; files?: number; isAuthenticated?: boolean },
): Promise<void> {
  await deps.sql.execute({
    text: `
      insert into download_session (repo_id, client_key, time_bucket, file_count, is_authenticated, first_download_at, last_download_at)
      select $1, sha256(($2 || ' ' || $3 || ' ' || n)::bytea), $2::int, $4, $3::boolean, $5, $5 from generate_series(1, $6::int) as n`,
    values: [
      repo.id,
      String(Math.floor(at.getTime() / BUCKET_MS)),
      String(isAuthenticated),
      files,
      at,
      clients,
    ],
  });
}

/** A day that is counted already. @param age in days before today. */
async function addDay({ deps }: Hub, repo: CountedRepo, age: number, downloads: number): Promise<void> {
  await deps.sql.execute({
    text: `
      insert into daily_repo_stats (repo_id, date, download_sessions, anonymous_downloads, total_files)
      values ($1, $2, $3, $3, $3)`,
    values: [repo.id, dayOf(age), downloads],
  });
}

/** `YYYY-MM-DD` in UTC, so many days ago. */
function dayOf(age: number): string {
  return new Date(Date.now() - age * DAY_MS).toISOString().slice(0, 10);
}

async function daysOf({ deps }: Hub, repo: CountedRepo): Promise<unknown[][]> {
  const rows = await deps.sql.query<{ day: unknown[] }>({
    text: `
      select json_build_array(date, download_sessions, authenticated_downloads, anonymous_downloads, total_files) as day
      from daily_repo_stats where repo_id = $1 order by date`,
    values: [repo.id],
  });
  return rows.map(({ day }) => day);
}

async function countersOf({ deps }: Hub, repo: CountedRepo): Promise<{ downloads: number; score: number }> {
  const [row] = await deps.sql.query<{ downloads: number; score: number }>({
    text: 'select downloads, trending_score as score from repo where id = $1',
    values: [repo.id],
  });
  return row!;
}

describe('the job', () => {
  it('counts sessions into UTC days, and counts the same when it runs again', async ({ hub, world }) => {
    const owner = await world.user();
    const repo = await newRepo({ hub, world, owner });
    await addSessions(hub, repo, { at: new Date('2026-03-28T23:59:59Z'), clients: 2, files: 3 });
    await addSessions(hub, repo, { at: new Date('2026-03-29T00:00:00Z'), clients: 3 });
    await addSessions(hub, repo, { at: new Date('2026-03-29T01:30:00Z'), clients: 1, isAuthenticated: true });
    await addSessions(hub, repo, { at: new Date('2026-03-29T23:59:59Z'), clients: 4, isAuthenticated: true });
    const now = new Date('2026-03-29T23:59:59.500Z');
    const days = [
      ['2026-03-28', 2, 0, 2, 6],
      ['2026-03-29', 8, 5, 3, 8],
    ];
    for (const _ of [1, 2]) {
      await hub.services().stats.rollUp(now);
      expect(await daysOf(hub, repo)).toEqual(days);
      expect(await countersOf(hub, repo)).toEqual({ downloads: 10, score: 8 + (2 * 7) / 8 });
    }
    await Promise.all([1, 2, 3].map(() => hub.services().stats.rollUp(now)));
    expect(await daysOf(hub, repo)).toEqual(days);
    await addSessions(hub, repo, { at: new Date('2026-03-29T12:00:00Z'), clients: 1, files: 2 });
    await hub.services().stats.rollUp(now);
    expect(await daysOf(hub, repo)).toEqual([days[0], ['2026-03-29', 9, 5, 4, 10]]);
  });

  it('forgets sessions after two days and keeps their day, also when one of it comes late', async ({
    hub,
    world,
  }) => {
    const owner = await world.user();
    const repo = await newRepo({ hub, world, owner });
    const at = new Date('2026-05-10T23:50:00Z');
    await addSessions(hub, repo, { at, clients: 5, files: 2 });
    const left = async () =>
      (
        await hub.deps.sql.query({
          text: 'select 1 from download_session where repo_id = $1',
          values: [repo.id],
        })
      ).length;
    // A hub that stood still for days counts first and forgets then.
    await hub.services().stats.rollUp(new Date('2026-05-12T23:59:00Z'));
    expect([await left(), await daysOf(hub, repo)]).toEqual([5, [['2026-05-10', 5, 0, 5, 10]]]);
    await hub.services().stats.rollUp(new Date('2026-05-13T00:00:00Z'));
    expect([await left(), await daysOf(hub, repo)]).toEqual([0, [['2026-05-10', 5, 0, 5, 10]]]);
    await addSessions(hub, repo, { at, clients: 1 });
    await hub.services().stats.rollUp(new Date('2026-05-13T00:01:00Z'));
    expect([await left(), await daysOf(hub, repo)]).toEqual([0, [['2026-05-10', 5, 0, 5, 10]]]);
  });

  it('lets downloads of 30 days and scores of 7 fall as time goes on, and keeps days for 400', async ({
    hub,
    world,
  }) => {
    const owner = await world.user();
    const repo = await newRepo({ hub, world, owner });
    await addDay(hub, repo, 0, 16);
    const after = async (days: number) => {
      await hub.services().stats.rollUp(new Date(Date.now() + days * DAY_MS));
      return { ...(await countersOf(hub, repo)), days: (await daysOf(hub, repo)).length };
    };
    expect(await after(0)).toEqual({ downloads: 16, score: 16, days: 1 });
    expect(await after(1)).toEqual({ downloads: 16, score: 14, days: 1 });
    expect(await after(7)).toEqual({ downloads: 16, score: 2, days: 1 });
    expect(await after(8)).toEqual({ downloads: 16, score: 0, days: 1 });
    expect(await after(30)).toEqual({ downloads: 16, score: 0, days: 1 });
    expect(await after(31)).toEqual({ downloads: 0, score: 0, days: 1 });
    expect(await after(400)).toEqual({ downloads: 0, score: 0, days: 1 });
    expect(await after(401)).toEqual({ downloads: 0, score: 0, days: 0 });
  });

  it('leaves repositories alone whose counters are right', async ({ hub, world }) => {
    const owner = await world.user();
    const repo = await newRepo({ hub, world, owner });
    await addDay(hub, repo, 0, 5);
    await hub.services().stats.rollUp();
    const versions = () =>
      hub.deps.sql.query({ text: 'select xmin::text from repo where id = $1', values: [repo.id] });
    const before = await versions();
    await hub.services().stats.rollUp();
    expect(await versions()).toEqual(before);
  });
});

describe('GET stats', () => {
  it('tells all downloads and likes', async ({ app, hub, world }) => {
    const owner = await world.user();
    const repo = await newRepo({ hub, world, owner }, { type: 'dataset' });
    const url = `/api/datasets/${repo.namespace}/${repo.name}/stats`;
    expect((await app.inject({ url })).json()).toEqual({ downloads: 0, likes: 0 });
    await hub.deps.sql.execute({
      text: 'update repo set downloads_all_time = 7 where id = $1',
      values: [repo.id],
    });
    await hub.services().likes.like(owner.actor, repo);
    expect((await app.inject({ url })).json()).toEqual({ downloads: 7, likes: 1 });
  });

  it('tells every day of the period, also those without downloads', async ({ app, hub, world }) => {
    const owner = await world.user();
    const repo = await newRepo({ hub, world, owner });
    for (const [age, downloads] of [
      [0, 3],
      [2, 5],
      [30, 2],
      [31, 9],
    ] as const)
      await addDay(hub, repo, age, downloads);
    const url = `/api/models/${repo.namespace}/${repo.name}/stats/recent`;
    const { stats, period } = (await app.inject({ url })).json();
    expect(period).toEqual({ start: dayOf(30), end: dayOf(0), days: 30 });
    expect(stats.map(({ date }: { date: string }) => date)).toEqual(
      Array.from({ length: 31 }, (_, index) => dayOf(30 - index)),
    );
    expect(stats.at(-1)).toEqual({ date: dayOf(0), downloads: 3, authenticated: 0, anonymous: 3, files: 3 });
    expect(stats.at(-2)).toEqual({ date: dayOf(1), downloads: 0, authenticated: 0, anonymous: 0, files: 0 });
    await hub.services().stats.rollUp();
    // The sum of the series is what lists show.
    const sum = stats.reduce((total: number, { downloads }: { downloads: number }) => total + downloads, 0);
    const info = (await app.inject({ url: `/api/models/${repo.namespace}/${repo.name}` })).json();
    expect([sum, info.downloads]).toEqual([10, 10]);
    const year = (await app.inject({ url: `${url}?days=365` })).json();
    expect([year.stats.length, year.period]).toEqual([366, { start: dayOf(365), end: dayOf(0), days: 365 }]);
  });

  it.for(['days=0', 'days=366', 'days=-1', 'days=1.5', 'days=x', 'days='])(
    'refuses %s',
    async (query, { app, world }) => {
      const repo = await world.repo(await world.user());
      const answer = await app.inject({
        url: `/api/models/${repo.namespace}/${repo.name}/stats/recent?${query}`,
      });
      expect(answer.statusCode).toBe(400);
    },
  );

  it.for(['stats', 'stats/recent'])(
    '%s of a hidden repository is what it is of a missing one',
    async (what, { app, world }) => {
      const owner = await world.user();
      const repo = await world.repo(owner, { isPrivate: true });
      const ask = async (name: string, headers = {}) =>
        app.inject({ url: `/api/models/${owner.name}/${name}/${what}`, headers });
      const [hidden, missing] = [await ask(repo.name), await ask('nothing-is-here')];
      expect([hidden.statusCode, hidden.headers['x-error-code']]).toEqual([404, 'RepoNotFound']);
      expect([missing.statusCode, missing.json()]).toEqual([404, hidden.json()]);
      expect((await ask(repo.name, (await world.user()).headers)).statusCode).toBe(404);
      expect((await ask(repo.name, owner.headers)).statusCode).toBe(200);
    },
  );
});

interface Trending {
  readonly trending: readonly { readonly id: string; readonly recent_downloads: number }[];
  readonly period: { readonly start: string; readonly end: string; readonly days: number };
}

describe('GET /api/trending', () => {
  it('orders what was downloaded lately by its score, as lists do that sort by it', async ({
    app,
    hub,
    world,
  }) => {
    const owner = await world.user();
    const make = () => newRepo({ hub, world, owner });
    const [steady, fresh, faded, never] = [await make(), await make(), await make(), await make()];
    // 10 a day for 8 days: 45; 47 today; 300 a week ago: 37.5.
    for (let age = 0; age <= 7; age++) await addDay(hub, steady, age, 10);
    await addDay(hub, fresh, 0, 47);
    await addDay(hub, faded, 7, 300);
    await addDay(hub, never, 8, 1000);
    await hub.services().stats.rollUp();
    await hub.deps.sql.execute({
      text: 'update repo set downloads_all_time = 99 where id = $1',
      values: [fresh.id],
    });
    const own = ({ id }: { id: string }): boolean => id.startsWith(`${owner.name}/`);
    const { trending, period } = (await app.inject({ url: '/api/trending?limit=100' })).json<Trending>();
    expect(trending.filter(own)).toEqual([
      {
        id: `${owner.name}/${fresh.name}`,
        type: 'model',
        downloads: 99,
        likes: 0,
        recent_downloads: 47,
        private: false,
      },
      expect.objectContaining({ id: `${owner.name}/${steady.name}`, recent_downloads: 80 }),
      expect.objectContaining({ id: `${owner.name}/${faded.name}`, recent_downloads: 300 }),
    ]);
    expect(period).toEqual({ start: dayOf(7), end: dayOf(0), days: 7 });
    for (const sort of ['trending', 'trendingScore']) {
      const ids: string[] = [];
      for (let next: string | undefined = `/api/models?author=${owner.name}&sort=${sort}&limit=1`; next;) {
        const page: LightMyRequestResponse = await app.inject({ url: next });
        ids.push(...page.json<{ id: string }[]>().map(({ id }) => id));
        next = /^<http:\/\/hub\.test(\/api\/[^>]+)>/.exec(String(page.headers['link']))?.[1];
      }
      expect(ids).toEqual([fresh, steady, faded, never].map(({ name }) => `${owner.name}/${name}`));
    }
    const listed = (await app.inject({ url: `/api/models?author=${owner.name}&sort=downloads` })).json();
    expect(listed.map(({ downloads }: { downloads: number }) => downloads)).toEqual([1000, 300, 80, 47]);
    expect(listed[3]).toMatchObject({ trendingScore: 47 });
  });

  it('tells of a type and of a period', async ({ app, hub, world }) => {
    const owner = await world.user();
    const data = await newRepo({ hub, world, owner }, { type: 'dataset' });
    await addDay(hub, data, 40, 4);
    await addDay(hub, data, 0, 1);
    const ask = async (query: string) => {
      const { trending, period } = (await app.inject({ url: `/api/trending?${query}` })).json<Trending>();
      return {
        period,
        counts: trending.filter(({ id }) => id.endsWith(data.name)).map((item) => item.recent_downloads),
      };
    };
    expect((await ask('repo_type=dataset')).counts).toEqual([1]);
    expect(await ask('repo_type=dataset&days=90')).toEqual({
      period: { start: dayOf(90), end: dayOf(0), days: 90 },
      counts: [5],
    });
    for (const type of ['model', 'space']) expect((await ask(`repo_type=${type}`)).counts).toEqual([]);
    const one = (await app.inject({ url: '/api/trending?repo_type=dataset&limit=1' })).json<Trending>();
    expect(one.trending).toHaveLength(1);
  });

  it('shows private repositories to their own people only, and a limit is filled all the same', async ({
    app,
    hub,
    world,
  }) => {
    const owner = await world.user();
    const visitor = await world.user();
    const org = await world.org(owner, [{ user: visitor, role: 'visitor' }]);
    const hidden = await newRepo({ hub, world, owner }, { type: 'space', namespace: org, isPrivate: true });
    const open = await newRepo({ hub, world, owner }, { type: 'space' });
    await addDay(hub, hidden, 0, 1_000_000);
    await addDay(hub, open, 0, 900_000);
    const firstFor = async (headers = {}) => {
      const url = '/api/trending?repo_type=space&limit=1';
      return (await app.inject({ url, headers })).json<Trending>().trending[0];
    };
    const ofHidden = { id: `${org}/${hidden.name}`, private: true };
    const ofOpen = { id: `${owner.name}/${open.name}`, private: false };
    expect(await firstFor()).toMatchObject(ofOpen);
    expect(await firstFor((await world.user()).headers)).toMatchObject(ofOpen);
    for (const user of [owner, visitor]) expect(await firstFor(user.headers)).toMatchObject(ofHidden);
  });

  it.for(['days=0', 'days=91', 'limit=0', 'limit=101', 'repo_type=models', 'repo_type=x'])(
    'refuses %s',
    async (query, { app }) => {
      expect((await app.inject({ url: `/api/trending?${query}` })).statusCode).toBe(400);
    },
  );
});
