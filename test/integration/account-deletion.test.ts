import type { FastifyInstance } from 'fastify';
import { expect } from 'vitest';
import { cookieOf, postLogin } from '../support/login.ts';
import { it } from '../support/it.ts';
import type { TestUser } from '../support/world.ts';

it('a deleted account is gone at once, with its logins and likes, and its name is free', async ({
  app,
  hub,
  world,
}) => {
  const [alice, bob] = [await world.user(), await world.user()];
  const repo = await world.repo(bob);
  const commit = await world.commit(bob, repo, { 'a.txt': 'a' });
  await hub.services().likes.like(alice.actor, repo);
  const cookie = await cookieOf(app, alice);
  expect((await remove(app, alice)).json()).toEqual({ success: true, message: 'Account deleted' });
  for (const headers of [cookie, alice.headers]) {
    expect((await app.inject({ url: '/api/auth/me', headers })).statusCode).toBe(401);
  }
  expect((await postLogin(app, alice.name, alice.password)).statusCode).toBe(401);
  const info = await app.inject({ url: `/api/models/${repo.namespace}/${repo.name}` });
  expect(info.json()).toMatchObject({ likes: 0, sha: commit });
  const again = await hub.services().accounts.createUserAsOperator({
    name: alice.name,
    email: null,
    password: 'a new password',
    isAdmin: false,
  });
  expect(again.name).toBe(alice.name);
});

it('what it would leave without an owner is named, and keeps it', async ({ app, hub, world }) => {
  const alice = await world.user();
  const bob = await world.user();
  const repo = await world.repo(alice);
  const org = await world.org(alice, [{ user: bob, role: 'admin' }]);
  const preview = await app.inject({ url: `/api/users/${alice.name}/deletion`, headers: alice.headers });
  expect(preview.json()).toEqual({
    repositories: [`model ${alice.name}/${repo.name}`],
    organizations: [org],
    redirects: [],
  });
  expect(await refusal(app, alice)).toMatch(`model ${alice.name}/${repo.name}`);
  await hub.services().repos.move(alice.actor, repo, { ...repo, namespace: org });
  expect(await refusal(app, alice)).toMatch(org);
  await hub.services().orgs.changeRole(alice.actor, org, bob.name, 'super-admin');
  expect(await refusal(app, alice)).toMatch('Former names');
  expect((await remove(app, alice, { end_redirects: true })).statusCode).toBe(200);
  expect((await app.inject({ url: `/api/models/${org}/${repo.name}` })).statusCode).toBe(200);
});

it('needs a login, the password, and is refused to a stranger and a token that only reads', async ({
  app,
  world,
}) => {
  const [alice, bob] = [await world.user(), await world.user()];
  const reader = await world.readToken(alice);
  const url = `/api/users/${alice.name}`;
  for (const [headers, password, status] of [
    [{}, alice.password, 401],
    [bob.headers, bob.password, 403],
    [reader.headers, alice.password, 403],
    [alice.headers, 'not the password', 400],
  ] as const) {
    const answer = await app.inject({ method: 'DELETE', url, headers, payload: { password } });
    expect(answer.statusCode).toBe(status);
  }
  const stranger = await app.inject({ url: `${url}/deletion`, headers: bob.headers });
  expect(stranger.statusCode).toBe(403);
  expect((await postLogin(app, alice.name, alice.password)).statusCode).toBe(200);
});

it('the last administrator stays', async ({ app, hub, world }) => {
  const [first, second] = [await world.user(), await world.user()];
  await hub.deps.sql.execute({
    text: 'update account set is_admin = true where name = any($1)',
    values: [[first.name, second.name]],
  });
  const answers = await Promise.all([remove(app, first), remove(app, second)]);
  expect(statusesOf(answers)).toEqual([200, 409]);
});

it('of two last super-admins that go at once, one stays', async ({ app, hub, world }) => {
  const [first, second] = [await world.user(), await world.user()];
  await world.org(first, [{ user: second, role: 'super-admin' }]);
  const answers = await Promise.all([remove(app, first), remove(app, second)]);
  expect(statusesOf(answers)).toEqual([200, 409]);
  const [row] = await hub.deps.sql.query<{ count: number }>({
    text: `
      select count(*)::int from account o where o.kind = 'org'
        and not exists (select from membership m where m.org_id = o.id and m.role = 'super-admin')`,
  });
  expect(row).toEqual({ count: 0 });
});

it('a repository that is made while its owner goes has an owner, or is not there', async ({
  app,
  hub,
  world,
}) => {
  for (let round = 0; round < 5; round++) {
    const alice = await world.user();
    const [removed, made] = await Promise.allSettled([remove(app, alice), world.repo(alice)]);
    const isRemoved = removed.status === 'fulfilled' && removed.value.statusCode === 200;
    expect(isRemoved).toBe(made.status === 'rejected');
  }
  const [row] = await hub.deps.sql.query<{ count: number }>({
    text: 'select count(*)::int from repo r where not exists (select from account a where a.id = r.owner_id)',
  });
  expect(row).toEqual({ count: 0 });
});

function remove(app: FastifyInstance, user: TestUser, more: object = {}) {
  return app.inject({
    method: 'DELETE',
    url: `/api/users/${user.name}`,
    headers: user.headers,
    payload: { password: user.password, ...more },
  });
}

async function refusal(app: FastifyInstance, user: TestUser): Promise<string> {
  const answer = await remove(app, user);
  expect(answer.statusCode).toBe(409);
  return answer.json<{ error: string }>().error;
}

function statusesOf(answers: readonly { readonly statusCode: number }[]): number[] {
  return answers.map(({ statusCode }) => statusCode).toSorted((a, b) => a - b);
}
