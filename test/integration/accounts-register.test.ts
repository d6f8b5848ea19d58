import type { FastifyInstance, LightMyRequestResponse } from 'fastify';
import { expect } from 'vitest';
import { loadConfig } from '../../src/config.ts';
import { buildApp } from '../../src/server/app.ts';
import { type Hub, openHub } from '../../src/server/hub.ts';
import { createLogger } from '../../src/server/log.ts';
import { cookieOf, postLogin } from '../support/login.ts';
import { it } from '../support/mailing.ts';
import { openTestHub } from '../support/test-hub.ts';

it('a registration answers with the specified fields and the account can log in', async ({ app, world }) => {
  const username = world.name('new');
  const answer = await register(app, { username, email: ` ${username}@Example.test ` });
  expect(answer.statusCode).toBe(200);
  expect(answer.json()).toEqual({
    success: true,
    message: 'Account created. You can log in now.',
    email_verified: false,
  });
  const login = await postLogin(app, username, PASSWORD);
  expect(login.statusCode).toBe(200);
  const me = await app.inject({
    url: '/api/auth/me',
    headers: { cookie: `session_id=${login.cookies[0]?.value}` },
  });
  expect(me.json()).toMatchObject({ username, email: `${username}@example.test` });
});

it.for([
  ['a reserved name', { username: 'models' }, 'reserved'],
  ['a name of the hub', { username: '_storage' }, 'reserved'],
  ['a path', { username: '../x' }, 'username'],
  ['a NUL', { username: 'a\0b' }, 'username'],
  ['a name that ends in .git', { username: 'x.git' }, 'username'],
  ['a short password', { password: 'seven77' }, 'password'],
  ['a very long password', { password: 'x'.repeat(1025) }, 'password'],
  ['no address', { email: 'nowhere' }, 'email'],
  ['two addresses', { email: 'a@b.test,c@d.test' }, 'email'],
  ['a header in the address', { email: 'a@b.test\r\nBcc: c@d.test' }, 'email'],
  ['a number for a name', { username: 7 }, 'username'],
] as const)('%s is refused and leaves nothing behind', async ([, change, word], { app, hub, world }) => {
  const before = await accounts(hub);
  const username = world.name('bad');
  const answer = await register(app, { username, email: `${username}@example.test`, ...change });
  expect(answer.statusCode).toBe(400);
  expect(answer.headers['x-error-code']).toBe('BadRequest');
  expect(answer.json<{ error: string }>().error).toContain(word);
  expect(await accounts(hub)).toBe(before);
});

it('a name, its other spellings and an address are given once', async ({ app, world }) => {
  const alice = await world.user('alice-');
  const org = await world.org(alice);
  const attempts = [
    { username: alice.name, email: 'free1@example.test' },
    { username: alice.name.toUpperCase().replaceAll('-', '_'), email: 'free2@example.test' },
    { username: org, email: 'free3@example.test' },
    { username: world.name('free'), email: `${alice.name}@EXAMPLE.test` },
  ];
  const answers = [];
  for (const attempt of attempts) answers.push(await register(app, attempt));
  expect(answers.map((answer) => answer.statusCode)).toEqual([409, 409, 409, 409]);
  expect(answers[0]?.json()).toEqual({
    error: `The name "${alice.name}" is taken, or too like a name that is taken. Choose another one.`,
  });
  expect(answers[3]?.json()).toEqual({ error: 'An account with this e-mail address already exists.' });
});

it('of many who want one name at once, one gets it', async ({ app, hub, world }) => {
  const name = world.name('race');
  const spellings = [name, name.toUpperCase(), name.replaceAll('-', '_')];
  const answers = await Promise.all(
    Array.from({ length: 9 }, (_, at) =>
      register(app, { username: spellings[at % 3] ?? name, email: `${name}-${at}@example.test` }),
    ),
  );
  const statuses = answers.map((answer) => answer.statusCode);
  expect(statuses.filter((status) => status === 200)).toHaveLength(1);
  expect(statuses.filter((status) => status === 409)).toHaveLength(8);
  const rows = await hub.deps.sql.query({
    text: 'select 1 from account where lower(email) like $1',
    values: [`${name}-%`],
  });
  expect(rows).toHaveLength(1);
});

it('a hub for invited people says so', async () => {
  const test = await openTestHub({ INVITATION_ONLY: 'true' });
  const app = await buildApp(test.hub);
  const [answer, config] = [
    await register(app, { username: 'alice', email: 'alice@example.test' }),
    await app.inject({ url: '/api/site-config' }),
  ];
  expect(answer.statusCode).toBe(403);
  expect(answer.json()).toEqual({ error: 'Registration is by invitation only.' });
  expect(config.json()).toEqual({
    site_name: 'Kohaku Hub',
    invitation_only: true,
    require_email_verification: false,
  });
  await app.close();
  await test.close();
});

it('the mailed link verifies the address, logs in, and works once', async ({ mailing }) => {
  const { app, world } = mailing;
  const username = world.name('mail');
  const email = `${username}@example.test`;
  const registered = await register(app, { username, email });
  expect(registered.json()).toMatchObject({ success: true, email_verified: false });
  const early = await postLogin(app, username, PASSWORD);
  expect([early.statusCode, early.json()]).toEqual([403, { error: 'Please verify your email first' }]);

  const [mail] = await mailing.mailsTo(email);
  expect(mail).toContain('From: hub@hub.test');
  expect(mail).toContain('Subject: Verify your e-mail address for Test Hub');
  const followed = await app.inject({ url: linkIn(mail) });
  expect(followed.statusCode).toBe(302);
  expect(followed.headers.location).toBe(`/${username}`);
  const cookie = `session_id=${followed.cookies[0]?.value}`;
  const me = await app.inject({ url: '/api/auth/me', headers: { cookie } });
  expect(me.json()).toMatchObject({ username, email_verified: true });

  const again = await app.inject({ url: linkIn(mail) });
  expect(again.headers.location).toBe('/?error=invalid_token&message=Invalid+or+expired+verification+token');
  expect(again.cookies).toEqual([]);
  const login = await postLogin(app, username, PASSWORD);
  expect(login.statusCode).toBe(200);
});

it('of many who follow a link at once, one is let in', async ({ mailing }) => {
  const { app, world } = mailing;
  const username = world.name('mail');
  await register(app, { username, email: `${username}@example.test` });
  const [mail] = await mailing.mailsTo(`${username}@example.test`);
  const answers = await Promise.all(Array.from({ length: 5 }, () => app.inject({ url: linkIn(mail) })));
  expect(answers.filter((answer) => answer.cookies.length > 0)).toHaveLength(1);
});

it('a link verifies, but does not log in somebody who is logged in as another', async ({ mailing }) => {
  const { app, world } = mailing;
  const victim = await world.user();
  const username = world.name('mail');
  await register(app, { username, email: `${username}@example.test` });
  const [mail] = await mailing.mailsTo(`${username}@example.test`);
  const followed = await app.inject({ url: linkIn(mail), headers: await cookieOf(app, victim) });
  expect(followed.headers.location).toBe(`/${username}`);
  expect(followed.cookies).toEqual([]);
});

it.for([
  ['expired', `update one_time_token set expires_at = now() - interval '1 second' where email = $1`],
  [
    'for an address that was changed',
    `update account set normalized_email = 'x' || $1 where normalized_email = $1`,
  ],
] as const)('a link that is %s does not work', async ([, statement], { mailing }) => {
  const { app, hub, world } = mailing;
  const username = world.name('mail');
  const email = `${username}@example.test`;
  await register(app, { username, email });
  const [mail] = await mailing.mailsTo(email);
  await hub.deps.sql.execute({ text: statement, values: [email] });
  const followed = await app.inject({ url: linkIn(mail) });
  expect(followed.headers.location).toMatch(/^\/\?error=invalid_token/);
});

it('a new link replaces the old one', async ({ mailing }) => {
  const { app, world } = mailing;
  const username = world.name('mail');
  const email = `${username}@example.test`;
  await register(app, { username, email });
  const resent = await resend(app, email.toUpperCase());
  expect(resent.json()).toEqual({ success: true, message: expect.any(String) });
  const [old, fresh] = await mailing.mailsTo(email);
  const answers = [await app.inject({ url: linkIn(old) }), await app.inject({ url: linkIn(fresh) })];
  expect(answers.map((answer) => answer.headers.location)).toEqual([
    expect.stringMatching(/^\/\?error=/),
    `/${username}`,
  ]);
});

it('answers do not tell which addresses have accounts; their owners are told by mail', async ({
  mailing,
}) => {
  const { app, hub, world } = mailing;
  const alice = await world.user();
  const email = `${alice.name}@example.test`;
  const before = await accounts(hub);
  const taken = await register(app, { username: world.name('other'), email });
  const free = await register(app, { username: world.name('other'), email: `${alice.name}-2@example.test` });
  expect([taken.statusCode, taken.body]).toEqual([free.statusCode, free.body]);
  expect(await accounts(hub)).toBe(before + 1);
  const [mail, ...more] = await mailing.mailsTo(email);
  expect(mail).toContain('Subject: You already have an account on Test Hub');
  expect(more).toEqual([]);
  const known = await resend(app, email);
  const unknown = await resend(app, 'nobody@example.test');
  expect([known.statusCode, known.body]).toEqual([unknown.statusCode, unknown.body]);
});

it('one address gets five new links in an hour', async ({ mailing }) => {
  const email = `${mailing.world.name('often')}@example.test`;
  const answers = [];
  for (let round = 0; round < 6; round++) answers.push(await resend(mailing.app, email));
  expect(answers.map((answer) => answer.statusCode)).toEqual([200, 200, 200, 200, 200, 429]);
});

it('without a mail server the link is in the log', async () => {
  const test = await openTestHub({ REQUIRE_EMAIL_VERIFICATION: 'true' });
  let log = '';
  const logger = createLogger({ level: 'info', format: 'text' }, { write: (line) => (log += line) });
  const hub = await openHub(loadConfig(test.env), logger, { migrate: false, besideRunning: true });
  const app = await buildApp(hub);
  await register(app, { username: 'alice', email: 'alice@example.test' });
  await hub.deps.auth.mail.settle();
  expect(log).toContain('alice@example.test');
  const link = linkIn(log);
  const followed = await app.inject({ url: link });
  expect(followed.headers.location).toBe('/alice');
  expect(log.split(link)).toHaveLength(2);
  await app.close();
  await hub.close();
  await test.close();
});

it('a mail server that is down stops no registration', async () => {
  const test = await openTestHub({
    REQUIRE_EMAIL_VERIFICATION: 'true',
    SMTP_ENABLED: 'true',
    SMTP_HOST: '127.0.0.1',
    SMTP_PORT: '1',
    SMTP_FROM: 'hub@hub.test',
  });
  const app = await buildApp(test.hub);
  const answer = await register(app, { username: 'alice', email: 'alice@example.test' });
  expect(answer.statusCode).toBe(200);
  await app.close();
  await test.close();
});

const PASSWORD = 'correct horse battery';

function register(
  app: FastifyInstance,
  body: { username: unknown; email: string; password?: string },
): Promise<LightMyRequestResponse> {
  // Each from an address of its own: here the names are tested, not the throttle.
  const remoteAddress = `10.9.${Math.floor(Math.random() * 256)}.${Math.floor(Math.random() * 256)}`;
  const payload = { password: PASSWORD, ...body };
  return app.inject({ method: 'POST', url: '/api/auth/register', payload, remoteAddress });
}

function resend(app: FastifyInstance, email: string): Promise<LightMyRequestResponse> {
  return app.inject({ method: 'POST', url: '/api/auth/verify-email/resend', payload: { email } });
}

/** Path and query of the link in a mail. */
function linkIn(mail: string | undefined): string {
  const link = /http:\/\/hub\.test(\/api\/auth\/verify-email\?token=[\w-]+)/.exec(mail ?? '')?.[1];
  if (!link) throw new Error(`no link in ${mail}`);
  return link;
}

async function accounts(hub: Hub): Promise<number> {
  const [row] = await hub.deps.sql.query<{ count: number }>({ text: 'select count(*) from account' });
  return row?.count ?? 0;
}
