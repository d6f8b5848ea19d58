import { describe, expect } from 'vitest';
import { cookieOf, postLogin } from '../support/login.ts';
import { SAMPLE_KEYS } from '../support/ssh-samples.ts';
import type { TestUser } from '../support/world.ts';
import { it } from './admin-calls.ts';

interface UserList {
  readonly users: readonly { readonly username: string }[];
  readonly total: number;
}

const date = expect.stringMatching(/^\d{4}-.*Z$/) as string;

describe('users', () => {
  it('are listed newest first, searched, filtered and paged', async ({ admins, world, app }) => {
    const admin = await world.admin();
    const mark = world.name('mark').replaceAll('-', '');
    const users: TestUser[] = [];
    for (const number of [1, 2, 3]) users.push(await world.user(`${mark}-${number}`));
    const names = users.map(({ name }) => name).toReversed();
    const list = await admins.ok<UserList>(admin, `GET /users?search=${mark.toUpperCase()}`);
    expect([list.users.map(({ username }) => username), list.total]).toEqual([names, 3]);
    expect(list.users[0]).toEqual({
      id: expect.any(Number) as number,
      username: names[0],
      full_name: null,
      email: `${names[0]}@example.test`,
      email_verified: true,
      is_active: true,
      is_admin: false,
      private_quota_bytes: null,
      public_quota_bytes: null,
      private_used_bytes: 0,
      public_used_bytes: 0,
      created_at: date,
    });
    await admins.ok(admin, `POST /users/${names[1]}/suspend`);
    await admins.ok(admin, `PUT /users/${names[2]}/administrator`);
    const found = async (query: string): Promise<unknown> =>
      (await admins.ok<UserList>(admin, `GET /users?search=${mark}&${query}`)).users.map(
        ({ username }) => username,
      );
    expect(await found('active=false')).toEqual([names[1]]);
    expect(await found('active=true')).toEqual([names[0], names[2]]);
    expect(await found('admin=true')).toEqual([names[2]]);
    expect(await found('email_verified=false')).toEqual([]);
    const first = await admins.send(admin, `GET /users?search=${mark}&limit=2`);
    expect(first.json<UserList>().users.map(({ username }) => username)).toEqual(names.slice(0, 2));
    const [, next = ''] = /<http:\/\/hub\.test([^>]+)>; rel="next"/.exec(String(first.headers.link)) ?? [];
    const second = await app.inject({ url: next, headers: admin.headers });
    expect(second.json<UserList>().users.map(({ username }) => username)).toEqual([names[2]]);
    expect(second.headers.link).toBeUndefined();
  });

  it('are shown with what hangs on them, and anybody else is missing', async ({ admins, world }) => {
    const admin = await world.admin();
    const ada = await world.user();
    await world.repo(ada);
    await world.org(ada);
    expect(await admins.ok(admin, `GET /users/${ada.name.toUpperCase()}`)).toMatchObject({
      username: ada.name,
      repositories: 1,
      organizations: 1,
      sessions: 0,
      tokens: 1,
      ssh_keys: 0,
    });
    const org = await world.org(ada);
    for (const name of ['no-such-user', org, '%00', 'a'.repeat(3000)])
      expect
        .soft([name, ...(await admins.refused(admin, `GET /users/${name}`))])
        .toEqual([name, 404, 'NotFound']);
  });

  it('are made by administrators', async ({ admins, app, world }) => {
    const admin = await world.admin();
    const username = world.name('made');
    const password = 'correct horse battery';
    const body = { username, email: `${username}@example.test`, password };
    expect(await admins.ok(admin, 'POST /users', body)).toMatchObject({
      username,
      email_verified: true,
      is_admin: false,
      is_active: true,
    });
    expect((await postLogin(app, username, password)).statusCode).toBe(200);
    expect(await admins.refused(admin, 'POST /users', body)).toEqual([409, 'Conflict']);
    expect(await admins.refused(admin, 'POST /users', { ...body, username: 'api' })).toEqual([
      400,
      'BadRequest',
    ]);
    expect(await admins.refused(admin, 'POST /users', { username, password: 'short' })).toEqual([
      400,
      'BadRequest',
    ]);
    expect(await admins.acts(admin, username)).toEqual([
      ['user.create', { email: body.email, is_admin: false }],
    ]);
  });
});

describe('suspension', () => {
  it('ends sessions, stops tokens and passwords at once, and is taken back', async ({
    admins,
    app,
    world,
  }) => {
    const [admin, ada] = [await world.admin(), await world.user()];
    const cookie = await cookieOf(app, ada);
    const whoami = (headers: Record<string, string>) => app.inject({ url: '/api/whoami-v2', headers });
    const shut = await admins.ok(admin, `POST /users/${ada.name}/suspend`, { reason: ' spam ' });
    expect(shut).toMatchObject({ username: ada.name, is_active: false, sessions: 0, tokens: 1 });
    expect((await whoami(ada.headers)).statusCode).toBe(401);
    expect((await whoami(cookie)).statusCode).toBe(401);
    expect((await postLogin(app, ada.name, ada.password)).statusCode).toBe(403);
    // Nothing to do, nothing written.
    await admins.ok(admin, `POST /users/${ada.name}/suspend`, { reason: 'again' });
    expect(await admins.ok(admin, `POST /users/${ada.name}/reinstate`)).toMatchObject({ is_active: true });
    expect((await whoami(ada.headers)).statusCode).toBe(200);
    expect((await whoami(cookie)).statusCode).toBe(401);
    expect(await admins.acts(admin, ada.name)).toEqual([
      ['user.suspend', { reason: 'spam' }],
      ['user.reinstate', { reason: null }],
    ]);
  });

  it('stops SSH keys', async ({ admins, hub, world }) => {
    const [admin, ada] = [await world.admin(), await world.user()];
    const { type, base64 } = SAMPLE_KEYS[0];
    const { sshKeys } = hub.services();
    await sshKeys.add(ada.actor, { title: 'laptop', key: `${type} ${base64}` });
    const blob = Buffer.from(base64, 'base64');
    const actor = await sshKeys.identify(blob);
    expect(actor).toMatchObject({ name: ada.name });
    await admins.ok(admin, `POST /users/${ada.name}/suspend`);
    expect(await sshKeys.identify(blob)).toBeNull();
    expect(await sshKeys.refresh(actor!)).toBeNull();
  });

  it('takes no reason that cannot be stored, and then nothing happens', async ({ admins, world }) => {
    const [admin, ada] = [await world.admin(), await world.user()];
    for (const reason of ['x'.repeat(501), 'a\0b', '\ud800', 5, {}]) {
      const [status] = await admins.refused(admin, `POST /users/${ada.name}/suspend`, { reason });
      expect.soft([reason, status]).toEqual([reason, 400]);
    }
    expect(await admins.ok(admin, `GET /users/${ada.name}`)).toMatchObject({ is_active: true });
    expect(await admins.acts(admin, ada.name)).toEqual([]);
  });
});

it('an e-mail address is verified by an administrator', async ({ admins, hub, world }) => {
  const [admin, ada] = [await world.admin(), await world.user()];
  await hub.deps.sql.execute({
    text: 'update account set email_verified_at = null where name = $1',
    values: [ada.name],
  });
  expect(await admins.ok(admin, `POST /users/${ada.name}/verify-email`)).toMatchObject({
    email_verified: true,
  });
  await admins.ok(admin, `POST /users/${ada.name}/verify-email`);
  expect(await admins.acts(admin, ada.name)).toEqual([
    ['user.verify-email', { email: `${ada.name}@example.test` }],
  ]);
  const username = world.name('mailless');
  await admins.ok(admin, 'POST /users', { username, password: ada.password });
  expect(await admins.refused(admin, `POST /users/${username}/verify-email`)).toEqual([409, 'Conflict']);
});

it('administrators are made and unmade', async ({ admins, world }) => {
  const [admin, ada] = [await world.admin(), await world.user()];
  expect(await admins.refused(ada, 'GET /users')).toEqual([403, 'Forbidden']);
  expect(await admins.ok(admin, `PUT /users/${ada.name}/administrator`)).toMatchObject({ is_admin: true });
  await admins.ok(ada, 'GET /users');
  expect(await admins.ok(admin, `DELETE /users/${ada.name}/administrator`)).toMatchObject({
    is_admin: false,
  });
  expect(await admins.refused(ada, 'GET /users')).toEqual([403, 'Forbidden']);
  expect(await admins.acts(admin, ada.name)).toEqual([
    ['user.make-admin', {}],
    ['user.unmake-admin', {}],
  ]);
  await admins.ok(admin, `POST /users/${ada.name}/suspend`);
  expect(await admins.refused(admin, `PUT /users/${ada.name}/administrator`)).toEqual([409, 'Conflict']);
});

describe('logins', () => {
  it('are shown without secrets and ended', async ({ admins, app, hub, world }) => {
    const [admin, ada] = [await world.admin(), await world.user()];
    const cookie = await cookieOf(app, ada);
    const { type, base64, fingerprint } = SAMPLE_KEYS[1];
    await hub.services().sshKeys.add(ada.actor, { title: 'laptop', key: `${type} ${base64}` });
    await hub.deps.auth.tokenUse.flush();
    const answer = await admins.send(admin, `GET /users/${ada.name}/logins`);
    expect(answer.json()).toEqual({
      sessions: [
        { id: expect.any(Number), user_agent: 'lightMyRequest', created_at: date, expires_at: date },
      ],
      tokens: [
        {
          id: expect.any(Number),
          name: 'test',
          role: 'write',
          created_at: date,
          last_used: date,
          expires_at: null,
        },
      ],
      ssh_keys: [
        {
          id: expect.any(Number),
          title: 'laptop',
          key_type: type,
          fingerprint,
          created_at: date,
          last_used: null,
        },
      ],
    });
    expect(answer.body).not.toContain(ada.token);
    expect(answer.body).not.toContain(cookie.cookie.split('=')[1]!);
    const whoami = (headers: Record<string, string>) => app.inject({ url: '/api/whoami-v2', headers });
    await admins.ok(admin, `DELETE /users/${ada.name}/sessions`);
    expect((await whoami(cookie)).statusCode).toBe(401);
    expect((await whoami(ada.headers)).statusCode).toBe(200);
    await admins.ok(admin, `DELETE /users/${ada.name}/tokens`);
    expect((await whoami(ada.headers)).statusCode).toBe(401);
    await admins.ok(admin, `DELETE /users/${ada.name}/ssh-keys`);
    // Nothing to do, nothing written.
    await admins.ok(admin, `DELETE /users/${ada.name}/tokens`);
    expect((await admins.send(admin, `GET /users/${ada.name}/logins`)).json()).toEqual({
      sessions: [],
      tokens: [],
      ssh_keys: [],
    });
    expect(await admins.acts(admin, ada.name)).toEqual([
      ['user.end-sessions', { count: 1 }],
      ['user.revoke-tokens', { count: 1 }],
      ['user.remove-ssh-keys', { count: 1 }],
    ]);
  });

  it('end one by one, and only those of that user', async ({ admins, app, world }) => {
    const [admin, ada, bob] = [await world.admin(), await world.user(), await world.user()];
    const reader = await world.readToken(ada);
    const list = await admins.ok<{ tokens: { id: number; role: string }[] }>(
      admin,
      `GET /users/${ada.name}/logins`,
    );
    const { id } = list.tokens.find(({ role }) => role === 'read')!;
    expect(await admins.refused(admin, `DELETE /users/${bob.name}/tokens/${id}`)).toEqual([404, 'NotFound']);
    expect(await admins.refused(admin, `DELETE /users/${ada.name}/sessions/${id}`)).toEqual([
      404,
      'NotFound',
    ]);
    await admins.ok(admin, `DELETE /users/${ada.name}/tokens/${id}`);
    const whoami = (user: TestUser) => app.inject({ url: '/api/whoami-v2', headers: user.headers });
    expect([(await whoami(reader)).statusCode, (await whoami(ada)).statusCode]).toEqual([401, 200]);
    expect(await admins.acts(admin, ada.name)).toEqual([['user.revoke-tokens', { id }]]);
    for (const bad of ['0', '-1', 'x', '9'.repeat(30)])
      expect((await admins.refused(admin, `DELETE /users/${ada.name}/tokens/${bad}`))[0]).toBe(400);
  });
});

describe('deletion', () => {
  it('is refused while something would lose its owner', async ({ admins, world }) => {
    const [admin, ada] = [await world.admin(), await world.user()];
    await world.repo(ada);
    const answer = await admins.send(admin, `DELETE /users/${ada.name}`);
    expect([answer.statusCode, answer.body]).toEqual([
      409,
      expect.stringContaining('still has repositories'),
    ]);
    expect(await admins.acts(admin, ada.name)).toEqual([]);
  });

  it('leaves its entry in the log', async ({ admins, app, world }) => {
    const [admin, ada] = [await world.admin(), await world.user()];
    await admins.ok(admin, `POST /users/${ada.name}/suspend`);
    await admins.ok(admin, `DELETE /users/${ada.name}`);
    expect((await app.inject({ url: '/api/whoami-v2', headers: ada.headers })).statusCode).toBe(401);
    expect(await admins.refused(admin, `GET /users/${ada.name}`)).toEqual([404, 'NotFound']);
    expect(await admins.acts(admin, ada.name)).toEqual([
      ['user.suspend', { reason: null }],
      ['user.delete', { email: `${ada.name}@example.test`, end_redirects: false }],
    ]);
  });
});

it('what people look for cannot break the search', async ({ admins, world }) => {
  const admin = await world.admin();
  for (const hostile of ['%25', '_', "'; drop table account; --", '\\', '😀'])
    await admins.ok(admin, `GET /users?search=${encodeURIComponent(hostile)}`);
  for (const bad of [
    'search=%00',
    `search=${'x'.repeat(300)}`,
    'cursor=x',
    'cursor=-1',
    'limit=0',
    'active=maybe',
  ])
    expect.soft([bad, (await admins.refused(admin, `GET /users?${bad}`))[0]]).toEqual([bad, 400]);
});
