import type { FastifyInstance } from 'fastify';
import { expect } from 'vitest';
import type { Hub } from '../../src/server/hub.ts';
import { it } from '../support/it.ts';
import type { TestUser, World } from '../support/world.ts';

it('a namespace shows its people both halves, and others the public one', async ({ app, hub, world }) => {
  const [owner, member, stranger] = [await world.user(), await world.user(), await world.user()];
  const org = await world.org(owner, [{ user: member, role: 'visitor' }]);
  await limit(hub, org, { private: 10_000, public: 30_000 });
  await charge(world, owner, { namespace: org, isPrivate: true }, 400);
  await charge(world, owner, { namespace: org }, 600);
  const { privateUsed, publicUsed } = await used(hub, org);
  const seen = await get(app, member, `/api/quota/${org}`);
  expect(seen.json()).toEqual({
    namespace: org,
    is_organization: true,
    quota_bytes: 40_000,
    used_bytes: privateUsed + publicUsed,
    available_bytes: 40_000 - privateUsed - publicUsed,
    percentage_used: Math.round((privateUsed + publicUsed) / 40) / 10,
    private_quota_bytes: 10_000,
    private_used_bytes: privateUsed,
    public_quota_bytes: 30_000,
    public_used_bytes: publicUsed,
  });
  expect((await get(app, stranger, `/api/quota/${org}`)).statusCode).toBe(403);
  expect((await get(app, null, `/api/quota/${org}`)).statusCode).toBe(401);
  const outside = (await get(app, null, `/api/quota/${org}/public`)).json<object>();
  expect(outside).toEqual({
    namespace: org,
    is_organization: true,
    public_quota_bytes: 30_000,
    public_used_bytes: publicUsed,
    public_available_bytes: 30_000 - publicUsed,
    public_percentage_used: Math.round(publicUsed / 30) / 10,
    private_quota_bytes: null,
    private_used_bytes: null,
    private_available_bytes: null,
    private_percentage_used: null,
    total_used_bytes: publicUsed,
    can_see_private: false,
  });
  expect((await get(app, member, `/api/quota/${org}/public`)).json()).toMatchObject({
    private_used_bytes: privateUsed,
    total_used_bytes: privateUsed + publicUsed,
    can_see_private: true,
  });
});

it('only administrators of the hub set the limits of a namespace', async ({ app, world }) => {
  const alice = await world.user();
  const admin = await world.admin();
  const put = (user: TestUser, payload: object) =>
    app.inject({ method: 'PUT', url: `/api/quota/${alice.name}`, headers: user.headers, payload });
  expect((await put(alice, { quota_bytes: 10 ** 15 })).statusCode).toBe(403);
  const reader = await world.readToken(admin);
  expect((await put(reader, { quota_bytes: 5 })).statusCode).toBe(403);
  expect((await put(admin, { quota_bytes: 1001 })).json()).toMatchObject({
    quota_bytes: 1001,
    private_quota_bytes: 500,
    public_quota_bytes: 501,
  });
  expect((await put(admin, { private_quota_bytes: null })).json()).toMatchObject({
    quota_bytes: null,
    private_quota_bytes: null,
    public_quota_bytes: 501,
  });
  expect((await put(admin, { quota_bytes: null })).json()).toMatchObject({
    private_quota_bytes: null,
    public_quota_bytes: null,
  });
  for (const bad of [-1, 1.5, 1e300]) {
    const refused = await put(admin, { public_quota_bytes: bad });
    expect([refused.statusCode, refused.headers['x-error-code']]).toEqual([400, 'BadRequest']);
  }
});

it('the breakdown names the largest repositories first', async ({ app, world }) => {
  const alice = await world.user();
  const bob = await world.user();
  const small = await charge(world, alice, {}, 10);
  const large = await charge(world, alice, { isPrivate: true }, 10_000);
  const list = (await get(app, alice, `/api/quota/${alice.name}/repos`)).json<{
    total_repos: number;
    repositories: { repo_id: string; private: boolean; is_inheriting: boolean }[];
  }>();
  expect(list.total_repos).toBe(2);
  expect(list.repositories.map(({ repo_id }) => repo_id)).toEqual([
    `${alice.name}/${large}`,
    `${alice.name}/${small}`,
  ]);
  expect(list.repositories[0]).toEqual({
    repo_id: `${alice.name}/${large}`,
    repo_type: 'model',
    name: large,
    private: true,
    quota_bytes: null,
    used_bytes: expect.any(Number) as number,
    percentage_used: null,
    is_inheriting: true,
    created_at: expect.stringMatching(/Z$/) as string,
  });
  expect((await get(app, bob, `/api/quota/${alice.name}/repos`)).statusCode).toBe(403);
});

it('a repository can have a limit within that of its namespace, and it holds', async ({
  app,
  hub,
  world,
}) => {
  const [alice, bob] = [await world.user(), await world.user()];
  await limit(hub, alice.name, { private: null, public: 50_000 });
  const name = await charge(world, alice, {}, 1000);
  const url = `/api/quota/repo/model/${alice.name}/${name}`;
  const put = (user: TestUser, quota: number | null) =>
    app.inject({ method: 'PUT', url, headers: user.headers, payload: { quota_bytes: quota } });
  const before = (await get(app, null, url)).json<{ used_bytes: number }>();
  expect(before).toMatchObject({
    repo_id: `${alice.name}/${name}`,
    repo_type: 'model',
    namespace: alice.name,
    quota_bytes: null,
    effective_quota_bytes: 50_000,
    namespace_quota_bytes: 50_000,
    namespace_used_bytes: before.used_bytes,
    is_inheriting: true,
  });
  expect((await put(alice, 50_001)).statusCode).toBe(400);
  expect((await put(bob, 10)).statusCode).toBe(403);
  expect((await put(alice, before.used_bytes + 100)).json()).toMatchObject({
    quota_bytes: before.used_bytes + 100,
    available_bytes: 100,
    is_inheriting: false,
  });
  const repo = { type: 'model' as const, namespace: alice.name, name };
  await expect(world.commit(alice, repo, { 'more.bin': Buffer.alloc(101) })).rejects.toMatchObject({
    code: 'QuotaExceeded',
  });
  await world.commit(alice, repo, { 'less.bin': Buffer.alloc(100, 1) });
  await put(alice, null);
  await world.commit(alice, repo, { 'more.bin': Buffer.alloc(101) });
});

it('a hidden repository has no quota to strangers', async ({ app, world }) => {
  const [alice, bob] = [await world.user(), await world.user()];
  const name = await charge(world, alice, { isPrivate: true }, 10);
  const hidden = await get(app, bob, `/api/quota/repo/model/${alice.name}/${name}`);
  const missing = await get(app, bob, `/api/quota/repo/model/${alice.name}/missing`);
  expect([hidden.statusCode, hidden.body]).toEqual([404, missing.body]);
});

it('counting anew corrects what went wrong, for its admins only', async ({ app, hub, world }) => {
  const [alice, bob] = [await world.user(), await world.user()];
  const name = await charge(world, alice, {}, 1000);
  const other = await charge(world, alice, { isPrivate: true }, 500);
  const truth = await used(hub, alice.name);
  const spoil = () =>
    hub.deps.sql.execute({
      text: `
        with spoilt as (update repo set used_bytes = 7 where name = any($2))
        update account set private_used_bytes = 1, public_used_bytes = 2 where name = $1`,
      values: [alice.name, [name, other]],
    });
  await spoil();
  const post = (user: TestUser, url: string) => app.inject({ method: 'POST', url, headers: user.headers });
  expect((await post(bob, `/api/quota/${alice.name}/recalculate`)).statusCode).toBe(403);
  expect((await post(alice, `/api/quota/${alice.name}/recalculate`)).json()).toMatchObject({
    private_used_bytes: truth.privateUsed,
    public_used_bytes: truth.publicUsed,
  });
  await spoil();
  const one = `/api/quota/repo/model/${alice.name}/${name}/recalculate`;
  expect((await post(bob, one)).statusCode).toBe(403);
  expect((await post(alice, one)).json()).toMatchObject({ used_bytes: truth.publicUsed });
  await post(alice, `/api/quota/repo/model/${alice.name}/${other}/recalculate`);
  expect(await used(hub, alice.name)).toEqual(truth);
});

it('counting anew while commits go on loses none of them', async ({ app, hub, world }) => {
  const alice = await world.user();
  const repo = await world.repo(alice);
  const commits = Array.from({ length: 12 }, (_, index) =>
    world.commit(alice, repo, { [`${index}.bin`]: Buffer.alloc(1000, index) }),
  );
  const recounts = Array.from({ length: 6 }, () =>
    app.inject({ method: 'POST', url: `/api/quota/${alice.name}/recalculate`, headers: alice.headers }),
  );
  await Promise.all([...commits, ...recounts]);
  const counted = await used(hub, alice.name);
  await app.inject({ method: 'POST', url: `/api/quota/${alice.name}/recalculate`, headers: alice.headers });
  expect(counted).toEqual(await used(hub, alice.name));
});

it('of 32 commits at once with room for one, one wins', async ({ hub, world }) => {
  const alice = await world.user();
  const repos = await Promise.all(Array.from({ length: 4 }, () => world.repo(alice)));
  const { publicUsed } = await used(hub, alice.name);
  await limit(hub, alice.name, { private: null, public: publicUsed + 1500 });
  const outcomes = await Promise.allSettled(
    Array.from({ length: 32 }, (_, index) =>
      world.commit(alice, repos[index % repos.length]!, { [`${index}.bin`]: Buffer.alloc(1000, index) }),
    ),
  );
  const refusals = outcomes.flatMap((outcome) =>
    outcome.status === 'rejected' ? [outcome.reason as object] : [],
  );
  expect(refusals).toHaveLength(31);
  for (const refusal of refusals) expect(refusal).toMatchObject({ code: 'QuotaExceeded' });
  expect((await used(hub, alice.name)).publicUsed).toBe(publicUsed + 1000);
});

it('a namespace that is not there has no quota', async ({ app, world }) => {
  const admin = await world.admin();
  for (const url of ['/api/quota/nobody-here', '/api/quota/nobody-here/public', '/api/quota/%00/repos']) {
    expect((await get(app, admin, url)).statusCode).toBe(404);
  }
});

function get(app: FastifyInstance, user: TestUser | null, url: string) {
  return app.inject({ url, headers: user?.headers ?? {} });
}

/** A repository with a file of this many bytes. @returns its name. */
async function charge(
  world: World,
  owner: TestUser,
  options: { namespace?: string; isPrivate?: boolean },
  sizeBytes: number,
): Promise<string> {
  const repo = await world.repo(owner, options);
  await world.commit(owner, repo, { 'data.bin': Buffer.alloc(sizeBytes, sizeBytes % 251) });
  return repo.name;
}

async function limit(
  hub: Hub,
  name: string,
  limits: { readonly private: number | null; readonly public: number | null },
): Promise<void> {
  await hub.deps.sql.execute({
    text: 'update account set private_quota_bytes = $2, public_quota_bytes = $3 where name = $1',
    values: [name, limits.private, limits.public],
  });
}

async function used(hub: Hub, name: string): Promise<{ privateUsed: number; publicUsed: number }> {
  const [row] = await hub.deps.sql.query<{ privateUsed: number; publicUsed: number }>({
    text: `
      select private_used_bytes as "privateUsed", public_used_bytes as "publicUsed" from account where name = $1`,
    values: [name],
  });
  return row!;
}
