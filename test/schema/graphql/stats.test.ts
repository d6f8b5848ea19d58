import { describe, expect } from 'vitest';
import { countStatements } from '../../support/count-statements.ts';
import { graphql, steady } from '../../support/graphql.ts';
import { it } from '../../support/it.ts';
import type { RepoRef } from '../../../src/domain/repo/repo-ref.ts';
import type { Hub } from '../../../src/server/hub.ts';

describe('Repo.stats', () => {
  const QUERY = `query ($name: String!, $days: Int!) {
    repo(name: $name) { stats(days: $days) { start end days { date downloads authenticated anonymous files } } }
  }`;

  it('has every day of the period, oldest first', async ({ hub, app, world }) => {
    const owner = await world.user();
    const repo = await world.repo(owner);
    await downloadedDaysAgo(hub, repo, 1, 7);
    const { data } = await graphql(app, null, QUERY, { name: `${repo.namespace}/${repo.name}`, days: 2 });
    const { start, end, days } = data.repo.stats;
    expect(days).toEqual([
      { date: start, downloads: 0, authenticated: 0, anonymous: 0, files: 0 },
      { date: expect.any(String), downloads: 7, authenticated: 3, anonymous: 4, files: 9 },
      { date: end, downloads: 0, authenticated: 0, anonymous: 0, files: 0 },
    ]);
  });

  it.for([0, 366])('takes no %i days', async (days, { app, world }) => {
    const { namespace, name } = await world.repo(await world.user());
    const { data, errors } = await graphql(app, null, QUERY, { name: `${namespace}/${name}`, days });
    expect(data.repo).toBeNull();
    expect(errors).toMatchObject([
      { message: 'days: must be 1 to 365.', extensions: { code: 'BadRequest' } },
    ]);
  });

  it('costs by its days: a year of many repositories is too much', async ({ app }) => {
    const query = `query ($days: Int!) { repos(first: 50) { edges { node { stats(days: $days) { days { downloads } } } } } }`;
    expect((await graphql(app, null, query, { days: 30 })).errors).toBeUndefined();
    expect((await graphql(app, null, query, { days: 365 })).errors).toMatchObject([
      { message: expect.stringContaining('points'), extensions: { code: 'BadRequest' } },
    ]);
  });

  it('of 20 repositories is read in one statement for each period', async ({ hub, app, world }) => {
    const owner = await world.user();
    for (let n = 0; n < 20; n++) await world.repo(owner);
    const query = `query ($namespace: String!) { repos(first: 20, filter: { namespace: $namespace }) { edges { node {
      week: stats(days: 7) { days { downloads } }
      month: stats { days { downloads } }
    } } } }`;
    let result = await graphql(app, null, query, { namespace: owner.name });
    const count = await countStatements(hub, async () => {
      result = await graphql(app, null, query, { namespace: owner.name });
    });
    expect(result.data.repos.edges).toHaveLength(20);
    for (const { node } of result.data.repos.edges) {
      expect(node.week.days).toHaveLength(8);
      expect(node.month.days).toHaveLength(31);
    }
    // The list, and the two periods.
    expect(count).toBeLessThanOrEqual(3);
  });
});

describe('trending', () => {
  it('lists what was downloaded lately, by score', async ({ hub, app, world }) => {
    const owner = await world.user();
    const [most, old, secret] = [
      await world.repo(owner, { type: 'space', name: 'most' }),
      await world.repo(owner, { type: 'space', name: 'old' }),
      await world.repo(owner, { type: 'space', name: 'secret', isPrivate: true }),
    ];
    await downloadedDaysAgo(hub, most, 0, 10);
    await downloadedDaysAgo(hub, old, 6, 20);
    await downloadedDaysAgo(hub, secret, 0, 100);
    const query = `query ($days: Int!, $limit: Int!) {
      trending(type: SPACE, days: $days, limit: $limit) { repos { recentDownloads repo { fullName type } } }
    }`;
    const byAnybody = await graphql(app, null, query, { days: 7, limit: 10 });
    expect(steady(byAnybody)).toMatchInlineSnapshot(`
      {
        "data": {
          "trending": {
            "repos": [
              {
                "recentDownloads": 10,
                "repo": {
                  "fullName": "user1/most",
                  "type": "SPACE",
                },
              },
              {
                "recentDownloads": 20,
                "repo": {
                  "fullName": "user1/old",
                  "type": "SPACE",
                },
              },
            ],
          },
        },
      }
    `);
    const byOwner = await graphql(app, owner, query, { days: 3, limit: 1 });
    expect(steady(byOwner)).toMatchInlineSnapshot(`
      {
        "data": {
          "trending": {
            "repos": [
              {
                "recentDownloads": 100,
                "repo": {
                  "fullName": "user1/secret",
                  "type": "SPACE",
                },
              },
            ],
          },
        },
      }
    `);
    for (const wrong of [
      { days: 0, limit: 1 },
      { days: 91, limit: 1 },
      { days: 1, limit: 101 },
    ]) {
      const { errors } = await graphql(app, null, query, wrong);
      expect(errors).toMatchObject([{ extensions: { code: 'BadRequest' } }]);
    }
    const most100 = await graphql(app, null, query, { days: 90, limit: 100 });
    expect(most100.errors).toBeUndefined();
    const count = await countStatements(hub, () => graphql(app, null, query, { days: 7, limit: 10 }));
    expect(count).toBe(2);
  });
});

it('tagsByType groups the tags of public repositories', async ({ app, world }) => {
  const owner = await world.user();
  const card = '---\nlicense: mit\ntags: [speech]\n---\n';
  await world.commit(owner, await world.repo(owner, { type: 'dataset' }), { 'README.md': card });
  const secret = await world.repo(owner, { type: 'dataset', isPrivate: true });
  await world.commit(owner, secret, { 'README.md': '---\ntags: [hush]\n---\n' });
  const query = '{ tagsByType(type: DATASET) { type tags { id label } } }';
  expect(await graphql(app, null, query)).toMatchInlineSnapshot(`
    {
      "data": {
        "tagsByType": [
          {
            "tags": [
              {
                "id": "license:mit",
                "label": "mit",
              },
            ],
            "type": "license",
          },
          {
            "tags": [
              {
                "id": "speech",
                "label": "speech",
              },
            ],
            "type": "other",
          },
        ],
      },
    }
  `);
});

/** Writes a day as the roll-up would have counted it. */
async function downloadedDaysAgo(hub: Hub, repo: RepoRef, days: number, downloads: number): Promise<void> {
  await hub.deps.sql.execute({
    text: `
      insert into daily_repo_stats
        (repo_id, date, download_sessions, authenticated_downloads, anonymous_downloads, total_files)
      select r.id, (now() at time zone 'utc')::date - $4::int, $5::int, 3, $5::int - 3, $5::int + 2
      from repo r join account a on a.id = r.owner_id
      where a.name = $1 and r.name = $2 and r.type = $3`,
    values: [repo.namespace, repo.name, repo.type, days, downloads],
  });
}
