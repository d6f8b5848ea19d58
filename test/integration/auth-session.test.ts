import { expect } from 'vitest';
import type { Hub } from '../../src/server/hub.ts';
import { buildApp } from '../../src/server/app.ts';
import { cookieOf, postLogin } from '../support/login.ts';
import { it } from '../support/it.ts';
import { openTestHub } from '../support/test-hub.ts';
import { World } from '../support/world.ts';

it('a login answers with the specified fields and a cookie that scripts cannot read', async ({
  app,
  world,
}) => {
  const alice = await world.user();
  const login = await postLogin(app, alice.name.toUpperCase(), alice.password);
  expect(login.statusCode).toBe(200);
  expect(login.json()).toEqual({
    success: true,
    message: 'Logged in successfully',
    username: alice.name,
    session_secret: expect.stringMatching(/^[0-9a-f]{32}$/),
  });
  expect(login.cookies).toEqual([
    {
      name: 'session_id',
      value: expect.stringMatching(/^[\w-]{43}$/),
      path: '/',
      httpOnly: true,
      sameSite: 'Lax',
      maxAge: expect.closeTo(7 * 24 * 3600, -1),
    },
  ]);
  expect(login.body).not.toContain(login.cookies[0]?.value);
});

it('the cookie is Secure when the public address is https', async () => {
  const test = await openTestHub({ BASE_URL: 'https://hub.test' });
  const app = await buildApp(test.hub);
  const alice = await new World(test.hub).user();
  const login = await postLogin(app, alice.name, alice.password);
  expect(login.cookies[0]).toMatchObject({ name: 'session_id', secure: true });
  await app.close();
  await test.close();
});

it('me tells who the cookie belongs to', async ({ app, world }) => {
  const alice = await world.user();
  const me = await app.inject({ url: '/api/auth/me', headers: await cookieOf(app, alice) });
  expect(me.json()).toEqual({
    id: expect.any(Number),
    username: alice.name,
    email: `${alice.name}@example.test`,
    email_verified: true,
    created_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
  });
});

it('me, logout and a password change need a login', async ({ app }) => {
  const answers = await Promise.all([
    app.inject({ url: '/api/auth/me' }),
    app.inject({ method: 'POST', url: '/api/auth/logout' }),
    app.inject({
      method: 'POST',
      url: '/api/auth/password',
      payload: { current_password: 'x', new_password: 'long enough' },
    }),
  ]);
  for (const answer of answers) {
    expect(answer.statusCode).toBe(401);
    expect(answer.headers['x-error-code']).toBe('Unauthenticated');
    expect(answer.json()).toEqual({ error: expect.any(String) });
  }
});

it.for([
  ['an unknown user', { username: 'nobody', password: 'correct horse battery' }],
  ['a wrong password', { username: 'known', password: 'wrong' }],
  ['a NUL in the name', { username: 'known\0', password: 'correct horse battery' }],
  ['an organization', { username: 'acme', password: '' }],
] as const)('a login with %s is refused with the same words', async ([, attempt], { app, world }) => {
  const known = await world.user();
  const acme = await world.org(known);
  const username = attempt.username.replace('known', known.name).replace('acme', acme);
  const login = await postLogin(app, username, attempt.password);
  expect(login.statusCode).toBe(401);
  expect(login.headers['x-error-code']).toBe('InvalidCredentials');
  expect(login.json()).toEqual({ error: 'Invalid username or password' });
  expect(login.cookies).toEqual([]);
});

it.for([
  {},
  { username: 'a' },
  { username: 1, password: 'x' },
  { username: 'a'.repeat(2000), password: 'x' },
])('the login body %j is a bad request', async (payload, { app }) => {
  const login = await app.inject({ method: 'POST', url: '/api/auth/login', payload });
  expect(login.statusCode).toBe(400);
  expect(login.headers['x-error-code']).toBe('BadRequest');
  expect(login.headers['x-request-id']).toBeTypeOf('string');
});

it('a suspended user learns it only with the right password, and his sessions end', async ({
  app,
  hub,
  world,
}) => {
  const alice = await world.user();
  const cookie = await cookieOf(app, alice);
  await hub.deps.sql.execute({
    text: 'update account set is_active = false where name = $1',
    values: [alice.name],
  });
  const wrong = await postLogin(app, alice.name, 'wrong');
  const right = await postLogin(app, alice.name, alice.password);
  expect([wrong.statusCode, right.statusCode]).toEqual([401, 403]);
  expect(right.json()).toEqual({ error: 'Account is disabled' });
  const me = await app.inject({ url: '/api/auth/me', headers: cookie });
  expect(me.statusCode).toBe(401);
});

it('a logout ends its session and no other', async ({ app, world }) => {
  const alice = await world.user();
  const [laptop, phone] = [await cookieOf(app, alice), await cookieOf(app, alice)];
  const logout = await app.inject({ method: 'POST', url: '/api/auth/logout', headers: laptop });
  expect(logout.json()).toEqual({ success: true, message: 'Logged out successfully' });
  expect(logout.cookies[0]).toMatchObject({ name: 'session_id', value: '', path: '/' });
  const [gone, kept] = await Promise.all(
    [laptop, phone].map((headers) => app.inject({ url: '/api/auth/me', headers })),
  );
  expect([gone?.statusCode, kept?.statusCode]).toEqual([401, 200]);
});

it('a token has no session to log out of', async ({ app, world }) => {
  const { headers } = await world.user();
  const logout = await app.inject({ method: 'POST', url: '/api/auth/logout', headers });
  expect(logout.statusCode).toBe(400);
});

it('a cookie that is no longer valid counts as nobody, so that public pages and the login stay open', async ({
  app,
  hub,
  world,
}) => {
  const alice = await world.user();
  const cookie = await cookieOf(app, alice);
  await hub.deps.sql.execute({
    text: `update session set expires_at = now() - interval '1 second'
      where user_id = (select id from account where name = $1)`,
    values: [alice.name],
  });
  const [me, open, login] = await Promise.all([
    app.inject({ url: '/api/auth/me', headers: cookie }),
    app.inject({ url: '/api/version', headers: cookie }),
    app.inject({
      method: 'POST',
      url: '/api/auth/login',
      headers: cookie,
      payload: { username: alice.name, password: alice.password },
    }),
  ]);
  expect([me.statusCode, open.statusCode, login.statusCode]).toEqual([401, 200, 200]);
  expect(me.headers['x-error-code']).toBe('Unauthenticated');
  const { rows } = await count(hub, 'session', alice.name);
  expect(rows).toBe(1);
});

it.for([
  ['http://hub.test', undefined, 200],
  ['http://elsewhere.test:1234', undefined, 200],
  [undefined, undefined, 200],
  [undefined, 'same-origin', 200],
  ['https://evil.test', undefined, 403],
  ['null', undefined, 403],
  [undefined, 'cross-site', 403],
  [undefined, 'same-site', 403],
] as const)(
  'a change by cookie with Origin %s and Sec-Fetch-Site %s answers %i',
  async (row, { app, world }) => {
    const [origin, fetchSite, status] = row;
    const alice = await world.user();
    const headers = {
      ...(await cookieOf(app, alice)),
      host: 'elsewhere.test:1234',
      ...(origin === undefined ? {} : { origin }),
      ...(fetchSite === undefined ? {} : { 'sec-fetch-site': fetchSite }),
    };
    const logout = await app.inject({ method: 'POST', url: '/api/auth/logout', headers });
    expect(logout.statusCode).toBe(status);
    const read = await app.inject({ url: '/api/version', headers });
    expect(read.statusCode).toBe(200);
  },
);

it('a foreign page may use a token: it cannot be sent by accident', async ({ app, world }) => {
  const { headers } = await world.user();
  const created = await app.inject({
    method: 'POST',
    url: '/api/auth/tokens/create',
    headers: { ...headers, origin: 'https://evil.test' },
    payload: { name: 'x' },
  });
  expect(created.statusCode).toBe(200);
});

it('a password change ends the other sessions, keeps this one and the tokens', async ({ app, world }) => {
  const alice = await world.user();
  const [here, elsewhere] = [await cookieOf(app, alice), await cookieOf(app, alice)];
  const changed = await changePassword(app, here, alice.password, 'another password');
  expect(changed.json()).toEqual({ success: true, message: expect.any(String) });
  const answers = await Promise.all(
    [here, elsewhere, alice.headers].map((headers) => app.inject({ url: '/api/auth/me', headers })),
  );
  expect(answers.map((answer) => answer.statusCode)).toEqual([200, 401, 200]);
  const old = await postLogin(app, alice.name, alice.password);
  const fresh = await postLogin(app, alice.name, 'another password');
  expect([old.statusCode, fresh.statusCode]).toEqual([401, 200]);
});

it('a password change asks for the current password and a good new one, and is refused to read tokens', async ({
  app,
  world,
}) => {
  const alice = await world.user();
  const reader = await world.readToken(alice);
  const [wrong, short, read] = [
    await changePassword(app, alice.headers, 'wrong', 'another password'),
    await changePassword(app, alice.headers, alice.password, 'short'),
    await changePassword(app, reader.headers, alice.password, 'another password'),
  ];
  expect([wrong.statusCode, short.statusCode, read.statusCode]).toEqual([403, 400, 403]);
  const still = await postLogin(app, alice.name, alice.password);
  expect(still.statusCode).toBe(200);
});

it('no secret is stored in clear', async ({ app, hub, world }) => {
  const alice = await world.user();
  const { cookie } = await cookieOf(app, alice);
  const secret = cookie.replace('session_id=', '');
  const tables = ['account', 'session', 'access_token', 'one_time_token', 'login_throttle'];
  for (const table of tables) {
    const rows = await hub.deps.sql.query<{ line: string }>({
      text: `select t::text as line from ${table} t`,
    });
    const dump = rows.map((row) => row.line).join('\n');
    for (const clear of [alice.token, secret, alice.password]) {
      expect(dump).not.toContain(clear);
      expect(dump).not.toContain(Buffer.from(clear).toString('hex'));
    }
  }
});

function changePassword(
  app: Parameters<typeof postLogin>[0],
  headers: Record<string, string>,
  current: string,
  next: string,
) {
  const payload = { current_password: current, new_password: next };
  return app.inject({ method: 'POST', url: '/api/auth/password', headers, payload });
}

async function count(hub: Hub, table: string, name: string): Promise<{ rows: number }> {
  const [row] = await hub.deps.sql.query<{ rows: number }>({
    text: `select count(*) as rows from ${table} where user_id = (select id from account where name = $1)`,
    values: [name],
  });
  return row ?? { rows: 0 };
}
