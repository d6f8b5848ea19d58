import type { FastifyInstance } from 'fastify';
import { expect } from 'vitest';
import { cookieOf, postLogin } from '../support/login.ts';
import { it } from '../support/mailing.ts';

const NEW_PASSWORD = 'another long password';

it('a mailed code sets a new password once, ends all sessions and keeps tokens', async ({ mailing }) => {
  const { app, world, mailsTo } = mailing;
  const alice = await world.user();
  const email = `${alice.name}@example.test`;
  const cookie = await cookieOf(app, alice);
  const asked = await ask(app, email);
  expect(asked.json()).toEqual({
    success: true,
    message: 'If this address belongs to an account, a code was sent to it.',
  });
  const token = codeIn((await mailsTo(email)).at(-1));
  expect((await reset(app, token, NEW_PASSWORD)).statusCode).toBe(200);
  expect((await postLogin(app, alice.name, NEW_PASSWORD)).statusCode).toBe(200);
  expect((await postLogin(app, alice.name, alice.password)).statusCode).toBe(401);
  expect((await app.inject({ url: '/api/auth/me', headers: cookie })).statusCode).toBe(401);
  expect((await app.inject({ url: '/api/auth/me', headers: alice.headers })).statusCode).toBe(200);
  expect((await mailsTo(email)).at(-1)).toContain('was changed');
  expect((await reset(app, token, 'yet another password')).statusCode).toBe(400);
  expect((await postLogin(app, alice.name, NEW_PASSWORD)).statusCode).toBe(200);
});

it('only the newest code works, and only one of parallel uses', async ({ mailing }) => {
  const { app, world, mailsTo } = mailing;
  const alice = await world.user();
  const email = `${alice.name}@example.test`;
  await ask(app, email);
  const old = codeIn((await mailsTo(email)).at(-1));
  await ask(app, email);
  const fresh = codeIn((await mailsTo(email)).at(-1));
  expect((await reset(app, old, NEW_PASSWORD)).statusCode).toBe(400);
  const answers = await Promise.all(
    Array.from({ length: 4 }, (_, index) => reset(app, fresh, `${NEW_PASSWORD} ${index}`)),
  );
  expect(statusesOf(answers)).toEqual([200, 400, 400, 400]);
});

it('a code to an address that the account has no more is worth nothing', async ({ mailing }) => {
  const { app, hub, world, mailsTo } = mailing;
  const alice = await world.user();
  const email = `${alice.name}@example.test`;
  await ask(app, email);
  const token = codeIn((await mailsTo(email)).at(-1));
  await hub.deps.sql.execute({
    text: `update account set email = $2, normalized_email = $2 where name = $1`,
    values: [alice.name, `new-${email}`],
  });
  expect((await reset(app, token, NEW_PASSWORD)).statusCode).toBe(400);
  expect((await postLogin(app, alice.name, alice.password)).statusCode).toBe(200);
});

it('an unknown address gets the same answer and no mail; a suspended account gets no mail', async ({
  mailing,
}) => {
  const { app, hub, world, mailsTo } = mailing;
  const alice = await world.user();
  const email = `${alice.name}@example.test`;
  await hub.deps.sql.execute({
    text: 'update account set is_active = false where name = $1',
    values: [alice.name],
  });
  const answers = [await ask(app, email), await ask(app, 'nobody@example.test')];
  expect(new Set(answers.map(({ statusCode, body }) => `${statusCode} ${body}`)).size).toBe(1);
  expect([...(await mailsTo(email)), ...(await mailsTo('nobody@example.test'))]).toEqual([]);
});

it('an old code, a wrong one and a bad password are refused', async ({ mailing }) => {
  const { app, hub, world, mailsTo } = mailing;
  const alice = await world.user();
  const email = `${alice.name}@example.test`;
  await ask(app, email);
  const token = codeIn((await mailsTo(email)).at(-1));
  expect((await reset(app, token, 'short')).statusCode).toBe(400);
  expect((await reset(app, 'x'.repeat(43), NEW_PASSWORD)).statusCode).toBe(400);
  await hub.deps.sql.execute({ text: `update one_time_token set expires_at = now() - interval '1 second'` });
  expect((await reset(app, token, NEW_PASSWORD)).statusCode).toBe(400);
  expect((await ask(app, 'nowhere')).statusCode).toBe(400);
});

it('nobody can have an address flooded with codes', async ({ mailing }) => {
  const { app, world } = mailing;
  const email = `${(await world.user()).name}@example.test`;
  const statuses: number[] = [];
  for (let time = 0; time < 6; time++) statuses.push((await ask(app, email, `10.1.0.${time}`)).statusCode);
  expect(statuses).toEqual([200, 200, 200, 200, 200, 429]);
});

function ask(app: FastifyInstance, email: string, remoteAddress = '127.0.0.1') {
  return app.inject({
    method: 'POST',
    url: '/api/auth/password/reset-request',
    payload: { email },
    remoteAddress,
  });
}

function reset(app: FastifyInstance, token: string, password: string) {
  const payload = { token, new_password: password };
  return app.inject({ method: 'POST', url: '/api/auth/password/reset', payload });
}

function codeIn(mail: string | undefined): string {
  const code = /^([\w-]{43})\r?$/m.exec(mail ?? '')?.[1];
  if (code === undefined) throw new Error(`no code in ${mail}`);
  return code;
}

function statusesOf(answers: readonly { readonly statusCode: number }[]): number[] {
  return answers.map(({ statusCode }) => statusCode).toSorted((a, b) => a - b);
}
