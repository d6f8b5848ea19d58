import type { FastifyInstance } from 'fastify';
import { expect } from 'vitest';
import { postLogin } from '../support/login.ts';
import { it } from '../support/mailing.ts';
import type { TestUser } from '../support/world.ts';

it('a user changes and clears what he tells of himself', async ({ app, world }) => {
  const alice = await world.user();
  const changed = await put(app, alice, {
    full_name: 'Alice A.',
    bio: 'Line one\nline two',
    website: 'https://alice.example',
    social_media: { github: 'alice' },
  });
  expect(changed.json()).toEqual({ success: true, message: 'Settings changed' });
  const profile = async () => (await app.inject({ url: `/api/users/${alice.name}/profile` })).json<object>();
  expect(await profile()).toEqual({
    username: alice.name,
    full_name: 'Alice A.',
    bio: 'Line one\nline two',
    website: 'https://alice.example',
    social_media: { github: 'alice' },
    created_at: expect.stringMatching(/Z$/) as string,
  });
  await put(app, alice, { bio: null, website: '' });
  expect(await profile()).toMatchObject({ full_name: 'Alice A.', bio: null, website: null });
});

it('settings need a login, and are refused to a stranger and a token that only reads', async ({
  app,
  world,
}) => {
  const [alice, bob] = [await world.user(), await world.user()];
  const reader = await world.readToken(alice);
  const url = `/api/users/${alice.name}/settings`;
  const payload = { bio: 'changed' };
  for (const [headers, status] of [
    [{}, 401],
    [bob.headers, 403],
    [reader.headers, 403],
  ] as const) {
    expect((await app.inject({ method: 'PUT', url, payload, headers })).statusCode).toBe(status);
  }
  expect((await app.inject({ url: `/api/users/${alice.name}/profile` })).json()).toMatchObject({ bio: null });
});

it('a website that is no web address is refused', async ({ app, world }) => {
  const alice = await world.user();
  const answer = await put(app, alice, { website: 'javascript:alert(1)' });
  expect([answer.statusCode, answer.json<{ error: string }>().error]).toEqual([
    400,
    'The website must be an address such as https://example.com.',
  ]);
});

it('without verification a new address counts at once, as one that is not verified', async ({
  app,
  world,
}) => {
  const [alice, bob] = [await world.user(), await world.user()];
  const email = `${world.name('new')}@example.test`;
  expect((await put(app, alice, { email })).json()).toMatchObject({ message: 'Settings changed' });
  const me = await app.inject({ url: '/api/auth/me', headers: alice.headers });
  expect(me.json()).toMatchObject({ email, email_verified: false });
  const taken = await put(app, bob, { email: email.toUpperCase() });
  expect([taken.statusCode, taken.headers['x-error-code']]).toEqual([409, 'Conflict']);
});

it('with verification a new address counts when its link was followed, and the old one is told', async ({
  mailing,
}) => {
  const { app, world, mailsTo } = mailing;
  const alice = await world.user();
  const before = `${alice.name}@example.test`;
  const email = `${world.name('new')}@example.test`;
  const me = async () => (await app.inject({ url: '/api/auth/me', headers: alice.headers })).json<object>();
  const asked = await put(app, alice, { email });
  expect(asked.json<{ message: string }>().message).toContain('counts once you have followed the link');
  expect(await me()).toMatchObject({ email: before });
  const link = linkIn((await mailsTo(email)).at(-1));
  const followed = await app.inject({ url: link });
  expect([followed.statusCode, followed.headers.location]).toEqual([302, `/${alice.name}`]);
  expect(followed.headers['set-cookie']).toBeUndefined();
  expect(await me()).toMatchObject({ email, email_verified: true });
  expect((await mailsTo(before)).at(-1)).toContain(email);
  expect((await app.inject({ url: link })).headers.location).toContain('error=invalid_token');
  expect((await postLogin(app, alice.name, alice.password)).statusCode).toBe(200);
});

it('an address that is taken gets the same answer, and cannot be taken over by the link', async ({
  mailing,
}) => {
  const { app, world, mailsTo } = mailing;
  const [alice, bob] = [await world.user(), await world.user()];
  const email = `${bob.name}@example.test`;
  const [taken, free] = [
    await put(app, alice, { email }),
    await put(app, alice, { email: `${world.name('free')}@example.test` }),
  ];
  expect([taken.statusCode, taken.body]).toEqual([free.statusCode, free.body]);
  await put(app, alice, { email });
  const followed = await app.inject({ url: linkIn((await mailsTo(email)).at(-1)) });
  expect(followed.headers.location).toContain('error=invalid_token');
  const me = await app.inject({ url: '/api/auth/me', headers: alice.headers });
  expect(me.json()).toMatchObject({ email: `${alice.name}@example.test` });
});

it('a name is that of a user or of an organization', async ({ app, world }) => {
  const alice = await world.user();
  const org = await world.org(alice);
  expect((await app.inject({ url: `/api/users/${alice.name}/type` })).json()).toEqual({ type: 'user' });
  expect((await app.inject({ url: `/api/users/${org}/type` })).json()).toEqual({ type: 'org' });
  for (const url of ['/api/users/nobody-here/type', '/api/users/%00/profile']) {
    expect((await app.inject({ url })).statusCode).toBe(404);
  }
});

it('an overview counts what its reader may see', async ({ app, world }) => {
  const [alice, bob] = [await world.user(), await world.user()];
  const org = await world.org(alice);
  await world.repo(alice);
  await world.repo(alice, { isPrivate: true });
  await world.repo(alice, { type: 'dataset' });
  const overview = async (user: TestUser | null) =>
    (
      await app.inject({ url: `/api/users/${alice.name}/overview`, headers: user?.headers ?? {} })
    ).json<object>();
  expect(await overview(bob)).toMatchObject({
    user: alice.name,
    fullname: alice.name,
    type: 'user',
    numModels: 1,
    numDatasets: 1,
    numSpaces: 0,
    orgs: [{ name: org }],
  });
  expect(await overview(alice)).toMatchObject({ numModels: 2 });
  expect((await app.inject({ url: `/api/users/${org}/overview` })).statusCode).toBe(404);
});

function put(app: FastifyInstance, user: TestUser, payload: object) {
  return app.inject({
    method: 'PUT',
    url: `/api/users/${user.name}/settings`,
    headers: user.headers,
    payload,
  });
}

function linkIn(mail: string | undefined): string {
  const link = /http:\/\/hub\.test(\/api\/auth\/change-email\?token=[\w-]+)/.exec(mail ?? '')?.[1];
  if (link === undefined) throw new Error(`no link in ${mail}`);
  return link;
}
