import type { FastifyInstance, LightMyRequestResponse } from 'fastify';
import { describe, expect } from 'vitest';
import { ContentWorld, it as base } from '../support/content.ts';
import { postLogin } from '../support/login.ts';
import { openMailingHub } from '../support/mailing.ts';
import type { TestUser } from '../support/world.ts';

/** A hub and who administers it. */
interface Site {
  readonly app: FastifyInstance;
  readonly content: ContentWorld;
  readonly admin: TestUser;
}

/** `closed` is a hub for invited people that asks for verified addresses and mails through a real SMTP server. */
const it = base.extend('closed', { scope: 'file' }, async ({}, { onCleanup }) => {
  const { app, hub, mailsTo, close } = await openMailingHub({ INVITATION_ONLY: 'true' });
  onCleanup(close);
  const content = new ContentWorld(hub, app);
  return { app, content, mailsTo, admin: await content.admin() };
});

const PASSWORD = 'correct horse battery';

function register(
  { app }: Pick<Site, 'app'>,
  token: string | null,
  body: { username: string; email?: string },
): Promise<LightMyRequestResponse> {
  // Each from an address of its own: here the invitations are tested, not the throttle.
  const remoteAddress = `10.7.${Math.floor(Math.random() * 256)}.${Math.floor(Math.random() * 256)}`;
  const payload = { password: PASSWORD, email: `${body.username}@example.test`, ...body };
  const url = `/api/auth/register${token === null ? '' : `?invitation_token=${encodeURIComponent(token)}`}`;
  return app.inject({ method: 'POST', url, payload, remoteAddress });
}

function invite({ content, admin }: Site, body: object = {}, by: TestUser | null = admin) {
  return content.postJson(by, '/api/invitations/register/create', body);
}

async function tokenOf(site: Site, body: object = {}): Promise<string> {
  return (await invite(site, body)).json<{ token: string }>().token;
}

function details({ content }: Pick<Site, 'content'>, token: string) {
  return content.read(null, `/api/invitations/${token}`);
}

async function accounts({ content }: Pick<Site, 'content'>): Promise<number> {
  const [row] = await content.hub.deps.sql.query<{ count: number }>({ text: 'select count(*) from account' });
  return row!.count;
}

describe('a hub for invited people', () => {
  it('takes nobody without an invitation that works, and leaves nothing of him behind', async ({
    closed,
  }) => {
    const { content, admin } = closed;
    const org = await content.org(admin);
    const { token: intoOrg } = await content.hub.services().invitations.createForOrg(admin.actor, org, {
      role: 'member',
      email: null,
      maxUsage: null,
      expiresInDays: 1,
    });
    const used = await tokenOf(closed);
    await register(closed, used, { username: content.name('first') });
    const before = await accounts(closed);
    const username = content.name('uninvited');
    for (const none of [null, '']) {
      const refused = await register(closed, none, { username });
      expect([refused.statusCode, refused.json()]).toEqual([
        403,
        { error: 'Registration is by invitation only.' },
      ]);
    }
    for (const [token, sentence] of [
      ['x'.repeat(43), 'There is no such invitation'],
      ['a\0b', 'There is no such invitation'],
      [used, 'has been used up'],
      [intoOrg!, 'for people who have an account'],
    ] as const) {
      const refused = await register(closed, token, { username });
      expect([refused.statusCode, refused.json<{ error: string }>().error]).toEqual([
        400,
        expect.stringContaining(sentence),
      ]);
    }
    expect(await accounts(closed)).toBe(before);
  });

  it('takes those who are invited, who verify their addresses as everybody does', async ({ closed }) => {
    const { app, content } = closed;
    const made = await invite(closed, { max_usage: 2, expires_days: 3 });
    const { token, ...rest } = made.json<{ token: string }>();
    expect([made.statusCode, rest]).toEqual([
      200,
      {
        success: true,
        invitation_link: `http://hub.test/register?invitation=${token}`,
        expires_at: expect.stringMatching(/Z$/),
        max_usage: 2,
        is_reusable: true,
      },
    ]);
    const username = content.name('invited');
    const registered = await register(closed, token, { username });
    expect([registered.statusCode, registered.json()]).toEqual([
      200,
      {
        success: true,
        message: 'Account created. Open the link in the mail that was sent to you, then log in.',
        email_verified: false,
      },
    ]);
    expect((await postLogin(app, username, PASSWORD)).statusCode).toBe(403);
    const [mail] = await closed.mailsTo(`${username}@example.test`);
    const link = /http:\/\/hub\.test(\/api\/auth\/verify-email\?token=[\w-]+)/.exec(mail!)![1]!;
    await app.inject({ url: link });
    expect((await postLogin(app, username, PASSWORD)).statusCode).toBe(200);
    expect((await details(closed, token)).json()).toMatchObject({
      action: 'register_account',
      org_name: null,
      role: null,
      usage_count: 1,
      is_available: true,
    });
  });

  it('a name or an address that is taken does not use the invitation up', async ({ closed }) => {
    const { content } = closed;
    const token = await tokenOf(closed);
    const alice = await content.user();
    const before = await accounts(closed);
    expect(
      (await register(closed, token, { username: alice.name, email: 'free@example.test' })).statusCode,
    ).toBe(409);
    const taken = { username: content.name('other'), email: `${alice.name}@example.test` };
    expect((await register(closed, token, taken)).statusCode).toBe(200);
    expect(await accounts(closed)).toBe(before);
    expect((await details(closed, token)).json()).toMatchObject({ usage_count: 0, is_available: true });
  });

  it('of ten who register at the same time with an invitation for three, three have an account', async ({
    closed,
  }) => {
    const { content } = closed;
    const token = await tokenOf(closed, { max_usage: 3 });
    const before = await accounts(closed);
    const answers = await Promise.all(
      Array.from({ length: 10 }, () => register(closed, token, { username: content.name('race') })),
    );
    const statuses = answers.map((answer) => answer.statusCode);
    expect(statuses.filter((status) => status === 200)).toHaveLength(3);
    expect(statuses.filter((status) => status === 400)).toHaveLength(7);
    expect(await accounts(closed)).toBe(before + 3);
    expect((await details(closed, token)).json()).toMatchObject({ usage_count: 3, is_available: false });
  });
});

describe('an invitation to register for one address', () => {
  it('is only in the mail, works for that address, and proves it', async ({ closed }) => {
    const { app, content, admin } = closed;
    const username = content.name('guest');
    const email = `${username}@example.test`;
    const made = await invite(closed, { email });
    expect(made.json()).toMatchObject({ success: true, token: null, invitation_link: null, max_usage: null });
    const [mail, ...more] = await closed.mailsTo(email);
    expect(more).toEqual([]);
    expect(mail).toContain(`Subject: ${admin.name} invites you to Test Hub`);
    const token = /http:\/\/hub\.test\/register\?invitation=([\w-]{43})/.exec(mail!)![1]!;
    const other = await register(closed, token, { username: content.name('thief') });
    expect([other.statusCode, other.json<{ error: string }>().error]).toEqual([
      400,
      expect.stringContaining('another e-mail address'),
    ]);
    const registered = await register(closed, token, { username, email: email.toUpperCase() });
    expect([registered.statusCode, registered.json()]).toEqual([
      200,
      { success: true, message: 'Account created. You can log in now.', email_verified: true },
    ]);
    expect((await postLogin(app, username, PASSWORD)).statusCode).toBe(200);
    expect(await closed.mailsTo(email)).toHaveLength(1);
  });
});

describe('with an organization', () => {
  it('the new account joins it, with the role', async ({ closed }) => {
    const { content, admin } = closed;
    const org = await content.org(admin);
    const token = await tokenOf(closed, { org_name: org, role: 'visitor' });
    const username = content.name('joins');
    expect((await register(closed, token, { username })).statusCode).toBe(200);
    expect((await content.read(null, `/org/users/${username}/orgs`)).json()).toEqual({
      organizations: [{ name: org, description: null, role: 'visitor' }],
    });
  });

  it('whoever invites must be able to invite into it, also when it is used', async ({ closed }) => {
    const { content, admin } = closed;
    const owner = await content.user();
    const org = await content.org(owner, [{ user: admin, role: 'admin' }]);
    const foreign = await content.org(owner);
    expect((await invite(closed, { org_name: foreign })).statusCode).toBe(403);
    expect((await invite(closed, { org_name: org, role: 'super-admin' })).statusCode).toBe(403);
    expect((await invite(closed, { org_name: 'no-such-org' })).statusCode).toBe(404);
    expect((await invite(closed, { org_name: org, role: 'emperor' })).statusCode).toBe(400);
    const token = await tokenOf(closed, { org_name: org });
    await content.hub.services().orgs.removeMember(owner.actor, org, admin.name);
    const before = await accounts(closed);
    expect((await register(closed, token, { username: content.name('late') })).statusCode).toBe(400);
    expect(await accounts(closed)).toBe(before);
  });
});

describe('invitations to register', () => {
  it('are listed for administrators, without secrets', async ({ closed }) => {
    const { content, admin } = closed;
    const token = await tokenOf(closed);
    const list = await content.read(admin, '/api/invitations/register/list?limit=1');
    expect(list.json()).toEqual({
      invitations: [
        expect.objectContaining({
          token: null,
          org_name: null,
          role: null,
          created_by: admin.name,
          is_pending: true,
        }),
      ],
    });
    expect(list.body).not.toContain(token);
    expect(list.headers.link).toContain('rel="next"');
  });

  it('are made, seen and ended by administrators only, whoever else is logged in and has the link', async ({
    closed,
  }) => {
    const { content, admin } = closed;
    const token = await tokenOf(closed);
    const [listed] = (await content.read(admin, '/api/invitations/register/list')).json<{
      invitations: { id: number }[];
    }>().invitations;
    const user = await content.user();
    const reader = await content.readToken(admin);
    const byId = `/api/invitations/register/${listed!.id}`;
    for (const [by, status] of [
      [null, 401],
      [user, 403],
      [reader, 403],
    ] as const) {
      expect((await invite(closed, {}, by)).statusCode).toBe(status);
      for (const url of [`/api/invitations/${token}`, byId])
        expect((await content.remove(by, url)).statusCode).toBe(status);
    }
    expect((await content.read(null, '/api/invitations/register/list')).statusCode).toBe(401);
    expect((await content.read(user, '/api/invitations/register/list')).statusCode).toBe(403);
    expect((await details(closed, token)).json()).toMatchObject({ is_available: true });
    expect((await content.remove(admin, byId)).statusCode).toBe(200);
    expect((await details(closed, token)).statusCode).toBe(404);
    const another = await tokenOf(closed);
    expect((await content.remove(admin, `/api/invitations/${another}`)).statusCode).toBe(200);
  });

  it('do not work when their maker is no administrator any more', async ({ closed }) => {
    const { content } = closed;
    const former = await content.admin();
    const made = await invite(closed, {}, former);
    await content.hub.deps.sql.execute({
      text: 'update account set is_admin = false where name = $1',
      values: [former.name],
    });
    const { token } = made.json<{ token: string }>();
    expect((await register(closed, token, { username: content.name('late') })).statusCode).toBe(400);
    expect((await details(closed, token)).json()).toMatchObject({ is_available: false });
  });

  it('are not for people who have an account', async ({ closed }) => {
    const { content } = closed;
    const token = await tokenOf(closed);
    const user = await content.user();
    const refused = await content.request(user, { method: 'POST', url: `/api/invitations/${token}/accept` });
    expect([refused.statusCode, refused.json<{ error: string }>().error]).toEqual([
      409,
      expect.stringContaining('no account yet'),
    ]);
  });
});

it('a hub for everybody does not ignore an invitation', async ({ app, content }) => {
  const admin = await content.admin();
  const org = await content.org(admin);
  const open = { app, content, admin };
  const token = await tokenOf(open, { org_name: org });
  const username = content.name('open');
  expect((await register(open, token, { username })).json()).toMatchObject({ email_verified: false });
  expect((await content.read(null, `/org/users/${username}/orgs`)).json()).toMatchObject({
    organizations: [{ name: org, role: 'member' }],
  });
  expect((await register(open, token, { username: content.name('late') })).statusCode).toBe(400);
  expect((await register(open, null, { username: content.name('free') })).statusCode).toBe(200);
});
