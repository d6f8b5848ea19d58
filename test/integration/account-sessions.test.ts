import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import { buildApp } from '../../src/server/app.ts';
import { loadConfig } from '../../src/config.ts';
import { openHub } from '../../src/server/hub.ts';
import { createLogger } from '../../src/server/log.ts';
import { cookieOf } from '../support/login.ts';
import { it } from '../support/it.ts';
import { openTestHub } from '../support/test-hub.ts';
import { World } from '../support/world.ts';

interface Listed {
  readonly id: number;
  readonly is_current: boolean;
}

it('lists the logins of the caller only, and names the current one', async ({ app, world }) => {
  const [alice, bob] = [await world.user(), await world.user()];
  const first = await cookieOf(app, alice);
  await cookieOf(app, bob);
  const second = await app.inject({
    method: 'POST',
    url: '/api/auth/login',
    headers: { 'user-agent': 'A browser' },
    payload: { username: alice.name, password: alice.password },
  });
  const listed = await app.inject({ url: '/api/auth/sessions', headers: first });
  expect(listed.json()).toEqual({
    sessions: [
      {
        id: expect.any(Number) as number,
        user_agent: 'A browser',
        created_at: expect.stringMatching(/Z$/) as string,
        expires_at: expect.stringMatching(/Z$/) as string,
        is_current: false,
      },
      expect.objectContaining({ is_current: true }) as object,
    ],
  });
  expect(listed.body).not.toContain(second.cookies[0]!.value);
  expect((await app.inject({ url: '/api/auth/sessions' })).statusCode).toBe(401);
});

it('ends one login, or all others, at once', async ({ app, world }) => {
  const alice = await world.user();
  const [kept, other, third] = [
    await cookieOf(app, alice),
    await cookieOf(app, alice),
    await cookieOf(app, alice),
  ];
  const sessions = async () =>
    (await app.inject({ url: '/api/auth/sessions', headers: kept })).json<{ sessions: Listed[] }>().sessions;
  const me = async (headers: { cookie: string }) =>
    (await app.inject({ url: '/api/auth/me', headers })).statusCode;
  // Newest first.
  const [newest] = await sessions();
  const url = `/api/auth/sessions/${newest!.id}`;
  const sameOrigin = { ...kept, 'sec-fetch-site': 'same-origin' };
  expect((await app.inject({ method: 'DELETE', url, headers: sameOrigin })).statusCode).toBe(200);
  expect([await me(kept), await me(other), await me(third)]).toEqual([200, 200, 401]);
  expect((await app.inject({ method: 'DELETE', url, headers: sameOrigin })).statusCode).toBe(404);
  const others = await app.inject({ method: 'DELETE', url: '/api/auth/sessions', headers: sameOrigin });
  expect(others.json()).toEqual({ success: true, message: '1 other sessions were ended.' });
  expect([await me(kept), await me(other)]).toEqual([200, 401]);
});

it('nobody ends the login of somebody else, no page of another site ends one, and no token that reads', async ({
  app,
  world,
}) => {
  const [alice, bob] = [await world.user(), await world.user()];
  const cookie = await cookieOf(app, alice);
  const { sessions } = (await app.inject({ url: '/api/auth/sessions', headers: cookie })).json<{
    sessions: Listed[];
  }>();
  const url = `/api/auth/sessions/${sessions[0]!.id}`;
  const reader = await world.readToken(alice);
  const end = async (headers: Record<string, string>) =>
    (await app.inject({ method: 'DELETE', url, headers })).statusCode;
  expect(await end({ ...bob.headers })).toBe(404);
  expect(await end({ ...reader.headers })).toBe(403);
  expect(await end({})).toBe(401);
  expect(await end({ ...cookie, 'sec-fetch-site': 'cross-site' })).toBe(403);
  expect((await app.inject({ url: '/api/auth/me', headers: cookie })).statusCode).toBe(200);
});

it('a login that one node ended works on no other', async () => {
  const test = await openTestHub();
  const ownDir = await mkdtemp(join(tmpdir(), 'hub-data-'));
  const second = await openHub(
    loadConfig({ ...test.env, KOHAKU_HUB_DATA_DIR: ownDir }),
    createLogger({ level: 'silent', format: 'json' }),
    {
      migrate: false,
    },
  );
  const apps = [await buildApp(test.hub), await buildApp(second)] as const;
  const alice = await new World(test.hub).user();
  const cookie = await cookieOf(apps[0], alice);
  const me = async (index: 0 | 1) =>
    (await apps[index].inject({ url: '/api/auth/me', headers: cookie })).statusCode;
  expect([await me(0), await me(1)]).toEqual([200, 200]);
  await apps[0].inject({ method: 'DELETE', url: '/api/auth/sessions', headers: alice.headers });
  expect([await me(1), await me(0)]).toEqual([401, 401]);
  for (const app of apps) await app.close();
  await second.close();
  await rm(ownDir, { recursive: true });
  await test.close();
});
