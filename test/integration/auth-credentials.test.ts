import { expect } from 'vitest';
import { CredentialLoader } from '../../src/domain/auth/credential-loader.ts';
import type { Hub } from '../../src/server/hub.ts';
import { cookieOf } from '../support/login.ts';
import { it } from '../support/it.ts';
import type { TestUser } from '../support/world.ts';

const basic = (username: string, password: string): string =>
  `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;

it('every spelling of a credential is understood', async ({ app, world }) => {
  const alice = await world.user();
  const spellings = [
    `Bearer ${alice.token}`,
    `bearer ${alice.token}`,
    `Bearer ${alice.token}|https://huggingface.co,hf_other`,
    basic('whoever', alice.token),
    basic(alice.token, ''),
    basic(alice.name, alice.password),
  ];
  for (const authorization of spellings) {
    const me = await app.inject({ url: '/api/auth/me', headers: { authorization } });
    expect(me.json()).toMatchObject({ username: alice.name });
  }
});

it('an empty own part leaves the word to the cookie', async ({ app, world }) => {
  const alice = await world.user();
  const authorization = 'Bearer |https://huggingface.co,hf_other';
  const [nobody, session] = await Promise.all([
    app.inject({ url: '/api/auth/me', headers: { authorization } }),
    app.inject({ url: '/api/auth/me', headers: { authorization, ...(await cookieOf(app, alice)) } }),
  ]);
  expect(nobody.headers['x-error-code']).toBe('Unauthenticated');
  expect(session.json()).toMatchObject({ username: alice.name });
});

it('a token goes before a cookie', async ({ app, world }) => {
  const [alice, bob] = [await world.user(), await world.user()];
  const me = await app.inject({
    url: '/api/auth/me',
    headers: { ...bob.headers, ...(await cookieOf(app, alice)) },
  });
  expect(me.json()).toMatchObject({ username: bob.name });
});

it.for([
  'Bearer hf_wrong',
  'Bearer x\u00e4',
  basic('alice', 'hf_wrong'),
  basic('alice', 'wrong password'),
  'Basic ???',
  'Digest username="alice"',
])('%s is refused, even where nobody needs to log in', async (authorization, { app }) => {
  const answer = await app.inject({ url: '/api/version', headers: { authorization } });
  expect(answer.statusCode).toBe(401);
  expect(answer.headers['x-error-code']).toBe('InvalidCredentials');
  expect(answer.headers['x-error-message']).toBe('Invalid credentials in Authorization header');
});

it.for([
  ['expired', `update access_token set expires_at = now() - interval '1 second' where user_id = $1`],
  ['revoked', 'delete from access_token where user_id = $1'],
  ["a suspended user's", 'update account set is_active = false where id = $1'],
] as const)('%s tokens are refused at once', async ([, statement], { app, hub, world }) => {
  const alice = await world.user();
  const before = await app.inject({ url: '/api/auth/me', headers: alice.headers });
  await hub.deps.sql.execute({ text: statement, values: [idOf(alice)] });
  const after = await app.inject({ url: '/api/auth/me', headers: alice.headers });
  expect([before.statusCode, after.statusCode]).toEqual([200, 401]);
  expect(after.headers['x-error-message']).toBe('Invalid credentials in Authorization header');
});

it('tokens of one turn of the event loop are looked up by one statement', async ({ hub, world }) => {
  const users = [await world.user(), await world.user()];
  const { sql } = hub.deps;
  let statements = 0;
  const counting = new CredentialLoader({
    query: (statement) => {
      statements++;
      return sql.query(statement);
    },
    execute: (statement) => sql.execute(statement),
  });
  const tokens = [...users.map((user) => user.token), 'hf_unknown', users[0]?.token ?? ''];
  const found = await Promise.all(tokens.map((token) => counting.token(token)));
  expect(statements).toBe(1);
  expect(found.map((credential) => credential?.userName ?? null)).toEqual([
    users[0]?.name,
    users[1]?.name,
    null,
    users[0]?.name,
  ]);
});

it('the last use of a token is written behind the requests, at most once a minute', async ({
  app,
  hub,
  world,
}) => {
  const alice = await world.user();
  await hub.deps.auth.tokenUse.flush();
  const first = await lastUse(hub, alice);
  expect(first).toBeInstanceOf(Date);
  await hub.deps.sql.execute({
    text: `update access_token set last_used_at = now() - interval '1 day' where user_id = $1`,
    values: [idOf(alice)],
  });
  await app.inject({ url: '/api/auth/me', headers: alice.headers });
  await hub.deps.auth.tokenUse.flush();
  const second = await lastUse(hub, alice);
  expect(second?.getTime()).toBeLessThan(Date.now() - 3_600_000);
});

async function lastUse(hub: Hub, user: TestUser): Promise<Date | null | undefined> {
  const [row] = await hub.deps.sql.query<{ last_used_at: Date | null }>({
    text: 'select last_used_at from access_token where user_id = $1',
    values: [idOf(user)],
  });
  return row?.last_used_at;
}

function idOf({ actor }: TestUser): number {
  return actor.kind === 'user' ? actor.id : 0;
}
