import type { FastifyInstance, LightMyRequestResponse } from 'fastify';
import { expect } from 'vitest';
import { buildApp } from '../../src/server/app.ts';
import { cookieOf } from '../support/login.ts';
import { it } from '../support/it.ts';
import { openTestHub } from '../support/test-hub.ts';
import { World } from '../support/world.ts';

it('a token is created, listed without its secret, used and revoked', async ({ app, world }) => {
  const alice = await world.user();
  const cookie = await cookieOf(app, alice);
  const created = await create(app, cookie, { name: ' laptop ' });
  expect(created.statusCode).toBe(200);
  expect(created.json()).toEqual({
    success: true,
    token: expect.stringMatching(/^hf_[A-Za-z0-9]{40}$/),
    token_id: expect.any(Number),
    session_secret: null,
    message: 'Token created. Copy it now: it is not shown again.',
  });
  const { token, token_id: id } = created.json<{ token: string; token_id: number }>();
  const headers = { authorization: `Bearer ${token}` };

  const list = await app.inject({ url: '/api/auth/tokens', headers });
  expect(list.json<{ tokens: unknown[] }>().tokens[0]).toEqual({
    id,
    name: 'laptop',
    role: 'write',
    last_used: null,
    expires_at: null,
    created_at: expect.stringMatching(/Z$/),
  });
  expect(list.body).not.toContain(token);

  const revoked = await remove(app, cookie, id);
  expect(revoked.json()).toEqual({ success: true, message: 'Token revoked successfully' });
  const used = await app.inject({ url: '/api/auth/me', headers });
  expect(used.statusCode).toBe(401);
});

it('tokens may expire', async ({ app, world }) => {
  const alice = await world.user();
  await create(app, alice.headers, { name: 'month', expires_days: 30 });
  const list = await app.inject({ url: '/api/auth/tokens', headers: alice.headers });
  const [month] = list.json<{ tokens: { expires_at: string }[] }>().tokens;
  const days = (Date.parse(month?.expires_at ?? '') - Date.now()) / 86_400_000;
  expect(days).toBeCloseTo(30, 1);
});

it('the hub may let all tokens expire', async () => {
  const test = await openTestHub({ TOKEN_EXPIRE_DAYS: '7' });
  const app = await buildApp(test.hub);
  const alice = await new World(test.hub).user();
  const list = await app.inject({ url: '/api/auth/tokens', headers: alice.headers });
  const [token] = list.json<{ tokens: { expires_at: string }[] }>().tokens;
  expect((Date.parse(token?.expires_at ?? '') - Date.now()) / 86_400_000).toBeCloseTo(7, 1);
  await app.close();
  await test.close();
});

it('every token route needs a login', async ({ app }) => {
  const answers = [
    await app.inject({ url: '/api/auth/tokens' }),
    await create(app, {}, { name: 'x' }),
    await remove(app, {}, 1),
  ];
  expect(answers.map((answer) => answer.statusCode)).toEqual([401, 401, 401]);
});

it("a stranger cannot see or revoke somebody's tokens", async ({ app, world }) => {
  const [alice, bob] = [await world.user(), await world.user()];
  const created = await create(app, alice.headers, { name: 'mine' });
  const { token_id: id } = created.json<{ token_id: number }>();
  const revoked = await remove(app, bob.headers, id);
  expect([revoked.statusCode, revoked.json()]).toEqual([404, { error: 'Token not found' }]);
  const list = await app.inject({ url: '/api/auth/tokens', headers: bob.headers });
  expect(list.json<{ tokens: { id: number }[] }>().tokens.map((token) => token.id)).not.toContain(id);
});

it('a read token neither creates nor revokes tokens', async ({ app, world }) => {
  const reader = await world.readToken(await world.user());
  const list = await app.inject({ url: '/api/auth/tokens', headers: reader.headers });
  const { tokens } = list.json<{ tokens: { id: number }[] }>();
  const answers = [
    await create(app, reader.headers, { name: 'x' }),
    await create(app, reader.headers, { name: 'x', role: 'read' }),
    await remove(app, reader.headers, tokens[0]?.id ?? 0),
  ];
  expect(answers.map((answer) => answer.statusCode)).toEqual([403, 403, 403]);
  expect(answers[0]?.headers['x-error-code']).toBe('Forbidden');
});

it.for([
  {},
  { name: '' },
  { name: '   ' },
  { name: 'x'.repeat(101) },
  { name: 'a\0' },
  { name: 'x', role: 'admin' },
  { name: 'x', expires_days: 0 },
  { name: 'x', expires_days: 1.5 },
  { name: 'x', expires_days: 1e9 },
])('the token %j is a bad request', async (body, { app, world }) => {
  const { headers } = await world.user();
  const answer = await create(app, headers, body);
  expect(answer.statusCode).toBe(400);
  expect(answer.headers['x-error-code']).toBe('BadRequest');
});

it.for(['abc', '0', '-1', '1.5', '99999999999999999999'])(
  'the token id %s is a bad request',
  async (id, { app, world }) => {
    const { headers } = await world.user();
    const answer = await remove(app, headers, id);
    expect(answer.statusCode).toBe(400);
  },
);

function create(
  app: FastifyInstance,
  headers: Record<string, string>,
  payload: object,
): Promise<LightMyRequestResponse> {
  return app.inject({ method: 'POST', url: '/api/auth/tokens/create', headers, payload });
}

function remove(
  app: FastifyInstance,
  headers: Record<string, string>,
  id: number | string,
): Promise<LightMyRequestResponse> {
  return app.inject({ method: 'DELETE', url: `/api/auth/tokens/${id}`, headers });
}
