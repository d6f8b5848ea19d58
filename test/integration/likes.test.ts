import type { FastifyInstance, InjectOptions, LightMyRequestResponse } from 'fastify';
import { describe, expect } from 'vitest';
import { requireUser } from '../../src/domain/actor.ts';
import { RepoNotFound } from '../../src/domain/errors.ts';
import type { RepoRef } from '../../src/domain/repo/repo-ref.ts';
import { forgetLikesOf } from '../../src/domain/social/like.queries.ts';
import type { Hub } from '../../src/server/hub.ts';
import { it } from '../support/it.ts';
import type { TestUser } from '../support/world.ts';

function likeUrl({ type, namespace, name }: RepoRef, what = 'like'): string {
  return `/api/${type}s/${namespace}/${name}/${what}`;
}

function send(app: FastifyInstance, method: InjectOptions['method'], repo: RepoRef, user: TestUser | null) {
  return app.inject({ method: method!, url: likeUrl(repo), headers: user?.headers ?? {} });
}

async function countOf(app: FastifyInstance, repo: RepoRef): Promise<number> {
  const info = await app.inject({ url: likeUrl(repo, '').replace(/\/$/, '') });
  return info.json<{ likes: number }>().likes;
}

function presentLiker({ name }: TestUser, fullname = name) {
  return { user: name, fullname, avatarUrl: `http://hub.test/api/users/${name}/avatar` };
}

function idOf({ actor }: TestUser): number {
  return requireUser(actor).id;
}

/** The account was gone before. */
function expectMissing(error: unknown): void {
  expect(error).toBeInstanceOf(RepoNotFound);
}

function namesOf(repos: readonly RepoRef[]): string[] {
  return repos.map(({ name }) => name);
}

/** What `hub fsck` says of the whole hub. */
async function problemsOf(hub: Hub): Promise<string[]> {
  const problems: string[] = [];
  await hub.services().fsck.runAsOperator(({ message }) => problems.push(message));
  return problems;
}

describe.for(['model', 'dataset', 'space'] as const)('a %s', (type) => {
  it('is liked and unliked, once however often one asks', async ({ app, world }) => {
    const owner = await world.user();
    const ann = await world.user();
    const repo = await world.repo(owner, { type });
    const liked = { success: true, message: 'Repository liked successfully', likes_count: 1 };
    const unliked = { success: true, message: 'Repository unliked successfully', likes_count: 0 };
    for (const round of [1, 2]) {
      expect((await send(app, 'GET', repo, ann)).json(), `${round}`).toEqual({ liked: false });
      expect((await send(app, 'POST', repo, ann)).json()).toEqual(liked);
      expect((await send(app, 'POST', repo, ann)).json()).toEqual(liked);
      expect((await send(app, 'GET', repo, ann)).json()).toEqual({ liked: true });
      expect((await send(app, 'GET', repo, owner)).json()).toEqual({ liked: false });
      expect((await send(app, 'GET', repo, null)).json()).toEqual({ liked: false });
      expect(await countOf(app, repo)).toBe(1);
      expect((await send(app, 'DELETE', repo, ann)).json()).toEqual(unliked);
      expect((await send(app, 'DELETE', repo, ann)).json()).toEqual(unliked);
    }
    expect(await countOf(app, repo)).toBe(0);
  });
});

describe('who may like', () => {
  it.for(['POST', 'DELETE'] as const)('%s needs a login that may write', async (method, { app, world }) => {
    const owner = await world.user();
    const repo = await world.repo(owner);
    expect((await send(app, method, repo, null)).statusCode).toBe(401);
    expect((await send(app, method, repo, await world.readToken(owner))).statusCode).toBe(403);
    expect(await countOf(app, repo)).toBe(0);
  });

  it.for(['POST', 'DELETE', 'GET'] as const)(
    '%s tells a stranger the same of a hidden repository, liked or not, as of a missing one',
    async (method, { app, world }) => {
      const owner = await world.user();
      const stranger = await world.user();
      const repo = await world.repo(owner);
      await send(app, 'POST', repo, stranger);
      await hide(app, repo, owner);
      const hidden = await send(app, method, repo, stranger);
      const missing = await send(app, method, { ...repo, name: 'nothing-is-here' }, stranger);
      expect(hidden.statusCode).toBe(404);
      expect(hidden.headers['x-error-code']).toBe('RepoNotFound');
      expect([missing.statusCode, missing.headers['x-error-message'], missing.json()]).toEqual([
        404,
        hidden.headers['x-error-message'],
        hidden.json(),
      ]);
    },
  );

  it('a gated repository is liked in front of the gate', async ({ app, world, hub }) => {
    const owner = await world.user();
    const stranger = await world.user();
    const repo = await world.repo(owner);
    await hub.services().repos.updateSettings(owner.actor, repo, { gated: 'manual' });
    expect((await send(app, 'POST', repo, stranger)).json()).toMatchObject({ likes_count: 1 });
  });
});

describe('races', () => {
  it('counts 32 people who like at once, and 32 who take it back', async ({ app, world, hub }) => {
    const owner = await world.user();
    const repo = await world.repo(owner);
    const people = await Promise.all(Array.from({ length: 32 }, () => world.user()));
    const counts = await Promise.all(
      people.map(async (user) => (await send(app, 'POST', repo, user)).json().likes_count),
    );
    expect(counts.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 32 }, (_, index) => index + 1));
    await Promise.all(people.map((user) => send(app, 'DELETE', repo, user)));
    expect(await countOf(app, repo)).toBe(0);
    expect(await problemsOf(hub)).toEqual([]);
  });

  it('counts one person once who sends 32 likes at once, and likes and unlikes at once', async ({
    app,
    world,
    hub,
  }) => {
    const owner = await world.user();
    const repo = await world.repo(owner);
    const answers = await Promise.all(Array.from({ length: 32 }, () => send(app, 'POST', repo, owner)));
    expect(new Set(answers.map((answer) => answer.json().likes_count))).toEqual(new Set([1]));
    const mixed = Array.from({ length: 32 }, (_, index) =>
      send(app, index % 2 ? 'POST' : 'DELETE', repo, owner),
    );
    for (const answer of await Promise.all(mixed)) expect(answer.statusCode).toBe(200);
    const { liked } = (await send(app, 'GET', repo, owner)).json();
    expect(await countOf(app, repo)).toBe(liked ? 1 : 0);
    expect(await problemsOf(hub)).toEqual([]);
  });

  it('likes and downloads of somebody whose account is being deleted hold nobody up', async ({
    app,
    world,
    hub,
  }) => {
    const owner = await world.user();
    const repos = await Promise.all(Array.from({ length: 4 }, () => world.repo(owner)));
    const people = await Promise.all(Array.from({ length: 8 }, () => world.user()));
    for (const user of people) for (const repo of repos) await send(app, 'POST', repo, user);
    const { accountDeletions, likes } = hub.services();
    const ends = people.map((user) => accountDeletions.removeAccount(idOf(user), { endsRedirects: false }));
    const work = people.flatMap((user) =>
      repos.map(async (repo) => {
        await likes.unlike(user.actor, repo);
        await likes.like(user.actor, repo).catch(expectMissing);
        const url = `/${repo.namespace}/${repo.name}/resolve/main/.gitattributes`;
        await app.inject({ url, headers: user.headers });
        await hub.deps.downloads.flush();
      }),
    );
    await Promise.all([...ends, ...work]);
    for (const repo of repos) expect(await countOf(app, repo)).toBe(0);
    expect(await problemsOf(hub)).toEqual([]);
  });

  it('likes of a repository that is being deleted are kept or refused, and never fail', async ({
    app,
    world,
    hub,
  }) => {
    const owner = await world.user();
    const repo = await world.repo(owner);
    const people = await Promise.all(Array.from({ length: 8 }, () => world.user()));
    const [, ...answers] = await Promise.all([
      hub.services().repos.delete(owner.actor, repo),
      ...people.map((user) => send(app, 'POST', repo, user)),
    ]);
    for (const { statusCode } of answers) expect([200, 404]).toContain(statusCode);
    for (const user of people)
      expect((await app.inject({ url: `/api/users/${user.name}/likes` })).json()).toEqual([]);
    expect(await problemsOf(hub)).toEqual([]);
  });
});

describe('GET likers', () => {
  it('lists who likes a repository, newest first, in pages', async ({ app, world, hub }) => {
    const owner = await world.user();
    const repo = await world.repo(owner);
    const people = [await world.user(), await world.user(), await world.user()];
    await hub.deps.sql.execute({
      text: `update account set full_name = 'Ann Example' where name = $1`,
      values: [people[2]!.name],
    });
    for (const user of people) await send(app, 'POST', repo, user);
    const expected = [
      presentLiker(people[2]!, 'Ann Example'),
      presentLiker(people[1]!),
      presentLiker(people[0]!),
    ];
    const whole = await app.inject({ url: likeUrl(repo, 'likers') });
    expect([whole.json(), whole.headers['link']]).toEqual([expected, undefined]);
    const first = await app.inject({ url: likeUrl(repo, 'likers?limit=2') });
    expect(first.json()).toEqual(expected.slice(0, 2));
    const next = /^<http:\/\/hub\.test(\/api\/[^>]+)>; rel="next"$/.exec(String(first.headers['link']))![1]!;
    const second = await app.inject({ url: next });
    expect([second.json(), second.headers['link']]).toEqual([expected.slice(2), undefined]);
    // A like between two pages moves nothing.
    await send(app, 'POST', repo, owner);
    expect((await app.inject({ url: next })).json()).toEqual(expected.slice(2));
  });

  it.for(['cursor=x', 'cursor=-1', 'cursor=9999999999999999', 'limit=0', 'limit=x'])(
    'refuses %s',
    async (query, { app, world }) => {
      const repo = await world.repo(await world.user());
      expect((await app.inject({ url: likeUrl(repo, `likers?${query}`) })).statusCode).toBe(400);
    },
  );

  it('is hidden with the repository', async ({ app, world }) => {
    const owner = await world.user();
    const repo = await world.repo(owner, { isPrivate: true });
    await send(app, 'POST', repo, owner);
    expect((await app.inject({ url: likeUrl(repo, 'likers') })).statusCode).toBe(404);
    const own = await app.inject({ url: likeUrl(repo, 'likers'), headers: owner.headers });
    expect(own.json()).toHaveLength(1);
  });
});

describe("a user's likes", () => {
  it('are listed newest first, in pages, with the names that repositories have now', async ({
    app,
    world,
    hub,
  }) => {
    const owner = await world.user();
    const ann = await world.user();
    const repos = [
      await world.repo(owner),
      await world.repo(owner, { type: 'dataset' }),
      await world.repo(owner, { type: 'space' }),
    ];
    for (const repo of repos) await send(app, 'POST', repo, ann);
    const moved = world.name('moved');
    await hub.services().repos.move(owner.actor, repos[0]!, { namespace: owner.name, name: moved });
    const expected = [
      {
        createdAt: expect.stringMatching(/Z$/),
        repo: { name: `${owner.name}/${repos[2]!.name}`, type: 'space' },
      },
      {
        createdAt: expect.stringMatching(/Z$/),
        repo: { name: `${owner.name}/${repos[1]!.name}`, type: 'dataset' },
      },
      { createdAt: expect.stringMatching(/Z$/), repo: { name: `${owner.name}/${moved}`, type: 'model' } },
    ];
    const url = `/api/users/${ann.name}/likes`;
    expect((await app.inject({ url })).json()).toEqual(expected);
    const pages: unknown[][] = [];
    for (let next: string | undefined = `${url}?limit=1`; next;) {
      const page: LightMyRequestResponse = await app.inject({ url: next });
      pages.push(page.json());
      next = /^<http:\/\/hub\.test(\/api\/[^>]+)>/.exec(String(page.headers['link']))?.[1];
    }
    expect(pages).toEqual(expected.map((item) => [item]));
  });

  it('leave out what the viewer must not know of, and keep pages full', async ({ app, world }) => {
    const ann = await world.user();
    const visitor = await world.user();
    const org = await world.org(ann, [{ user: visitor, role: 'visitor' }]);
    const open = [await world.repo(ann), await world.repo(ann)];
    const hidden = [
      await world.repo(ann, { namespace: org, isPrivate: true }),
      await world.repo(ann, { isPrivate: true }),
    ];
    const order = [open[0]!, hidden[0]!, hidden[1]!, open[1]!];
    for (const repo of order) await send(app, 'POST', repo, ann);
    const seenBy = async (user: TestUser | null, query = '') => {
      const answer = await app.inject({
        url: `/api/users/${ann.name}/likes${query}`,
        headers: user?.headers ?? {},
      });
      return answer.json<{ repo: { name: string } }[]>().map(({ repo }) => repo.name.split('/')[1]);
    };
    expect(await seenBy(null)).toEqual(namesOf([open[1]!, open[0]!]));
    expect(await seenBy(null, '?limit=2')).toEqual(namesOf([open[1]!, open[0]!]));
    expect(await seenBy(await world.user())).toEqual(namesOf([open[1]!, open[0]!]));
    expect(await seenBy(visitor)).toEqual(namesOf([open[1]!, hidden[0]!, open[0]!]));
    expect(await seenBy(ann)).toEqual(namesOf(order).toReversed());
  });

  it('end with the repository, and those of nobody are a 404', async ({ app, world, hub }) => {
    const ann = await world.user();
    const repo = await world.repo(ann);
    await send(app, 'POST', repo, ann);
    await hub.services().repos.delete(ann.actor, repo);
    expect((await app.inject({ url: `/api/users/${ann.name}/likes` })).json()).toEqual([]);
    for (const name of ['nobody-has-this-name', 'a%00b', 'x'.repeat(300)])
      expect((await app.inject({ url: `/api/users/${name}/likes` })).statusCode).toBe(404);
  });

  it('go with the account, and the counters follow', async ({ app, world, hub }) => {
    const owner = await world.user();
    const ann = await world.user();
    const repos = [await world.repo(owner), await world.repo(owner)];
    for (const repo of repos) for (const user of [owner, ann]) await send(app, 'POST', repo, user);
    const userId = idOf(ann);
    await hub.deps.sql.transaction(async (tx) => {
      await forgetLikesOf(tx, userId);
      await tx.execute({ text: 'delete from account where id = $1', values: [userId] });
    });
    for (const repo of repos) expect(await countOf(app, repo)).toBe(1);
    expect(await problemsOf(hub)).toEqual([]);
  });
});

it('sorts lists by likes', async ({ app, world }) => {
  const owner = await world.user();
  const fans = [await world.user(), await world.user()];
  const repos = [await world.repo(owner), await world.repo(owner), await world.repo(owner)];
  for (const user of fans) await send(app, 'POST', repos[1]!, user);
  await send(app, 'POST', repos[2]!, fans[0]!);
  const list = await app.inject({ url: `/api/models?author=${owner.name}&sort=likes` });
  expect(
    list.json<{ likes: number; id: string }[]>().map(({ id, likes }) => [id.split('/')[1], likes]),
  ).toEqual([
    [repos[1]!.name, 2],
    [repos[2]!.name, 1],
    [repos[0]!.name, 0],
  ]);
});

async function hide(app: FastifyInstance, repo: RepoRef, owner: TestUser): Promise<void> {
  const url = likeUrl(repo, 'settings');
  const answer = await app.inject({ method: 'PUT', url, headers: owner.headers, payload: { private: true } });
  expect(answer.statusCode).toBe(200);
}
