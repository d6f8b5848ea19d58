import type { LightMyRequestResponse } from 'fastify';
import { describe, expect } from 'vitest';
import { hashSecret } from '../../src/domain/auth/secrets.ts';
import { expireLogins } from '../../src/jobs/expire-logins.job.ts';
import { ContentWorld, it as base } from '../support/content.ts';
import { openMailingHub } from '../support/mailing.ts';
import type { TestUser } from '../support/world.ts';

const DAY_MS = 24 * 60 * 60 * 1000;

/** `mailing` mails through a real SMTP server. */
const it = base.extend('mailing', { scope: 'file' }, async ({}, { onCleanup }) => {
  const { app, hub, mailsTo, close } = await openMailingHub({ REQUIRE_EMAIL_VERIFICATION: 'false' });
  onCleanup(close);
  return { mailsTo, content: new ContentWorld(hub, app) };
});

interface Team {
  readonly owner: TestUser;
  readonly admin: TestUser;
  readonly member: TestUser;
  readonly stranger: TestUser;
  readonly org: string;
}

async function teamOf(content: ContentWorld): Promise<Team> {
  const [owner, admin, member, stranger] = [
    await content.user(),
    await content.user(),
    await content.user(),
    await content.user(),
  ];
  const org = await content.org(owner, [
    { user: admin, role: 'admin' },
    { user: member, role: 'member' },
  ]);
  return { owner, admin, member, stranger, org };
}

function invite(content: ContentWorld, user: TestUser | null, org: string, body: object = {}) {
  return content.postJson(user, `/api/invitations/org/${org}/create`, body);
}

async function tokenOf(answer: Promise<LightMyRequestResponse>): Promise<string> {
  const { statusCode, body } = await answer;
  if (statusCode !== 200) throw new Error(`${statusCode} ${body}`);
  return (JSON.parse(body) as { token: string }).token;
}

function accept(content: ContentWorld, user: TestUser | null, token: string) {
  return content.request(user, { method: 'POST', url: `/api/invitations/${token}/accept` });
}

function details(content: ContentWorld, token: string) {
  return content.read(null, `/api/invitations/${token}`);
}

async function roleOf(content: ContentWorld, org: string, user: TestUser): Promise<string | undefined> {
  const { members } = (await content.read(null, `/org/${org}/members`)).json<{
    members: { user: string; role: string }[];
  }>();
  return members.find((member) => member.user === user.name)?.role;
}

async function listOf(content: ContentWorld, user: TestUser, org: string) {
  const answer = await content.read(user, `/api/invitations/org/${org}/list`);
  return answer.json<{ invitations: { id: number }[] }>().invitations;
}

describe('an invitation into an organization', () => {
  it('is made with the specified fields, once and for a week unless asked otherwise', async ({ content }) => {
    const { admin, org } = await teamOf(content);
    const made = await invite(content, admin, org);
    const { token, expires_at: expiresAt, ...rest } = made.json<{ token: string; expires_at: string }>();
    expect(token).toMatch(/^[\w-]{43}$/);
    expect(Math.abs(new Date(expiresAt).getTime() - Date.now() - 7 * DAY_MS)).toBeLessThan(60_000);
    expect(expiresAt).toMatch(/Z$/);
    expect(rest).toEqual({
      success: true,
      invitation_link: `http://hub.test/invite/${token}`,
      max_usage: null,
      is_reusable: false,
    });
    const many = await invite(content, admin, org, { role: 'visitor', max_usage: 10, expires_days: 30 });
    expect(many.json()).toMatchObject({ max_usage: 10, is_reusable: true });
    const unlimited = await invite(content, admin, org, { max_usage: -1, email: null });
    expect(unlimited.json()).toMatchObject({ max_usage: -1, is_reusable: true });
  });

  it('shows whoever has the link what it is', async ({ content }) => {
    const { admin, org } = await teamOf(content);
    const token = await tokenOf(invite(content, admin, org, { role: 'visitor', max_usage: 3 }));
    const shown = await details(content, token);
    expect([shown.statusCode, shown.json()]).toEqual([
      200,
      {
        action: 'join_org',
        inviter_username: admin.name,
        expires_at: expect.stringMatching(/Z$/),
        is_expired: false,
        is_available: true,
        error_message: null,
        max_usage: 3,
        usage_count: 0,
        is_reusable: true,
        org_name: org,
        role: 'visitor',
        email: null,
      },
    ]);
    for (const wrong of ['nothing', token.slice(1), 'x'.repeat(43), '%00'])
      expect.soft([wrong, (await details(content, wrong)).statusCode]).toEqual([wrong, 404]);
  });

  it('is accepted by a user with a login, who then has its role', async ({ content }) => {
    const { admin, stranger, org } = await teamOf(content);
    const token = await tokenOf(invite(content, admin, org, { role: 'admin' }));
    expect((await accept(content, null, token)).statusCode).toBe(401);
    expect((await accept(content, await content.readToken(stranger), token)).statusCode).toBe(403);
    const accepted = await accept(content, stranger, token);
    expect([accepted.statusCode, accepted.json()]).toEqual([
      200,
      { success: true, message: `You joined ${org} as admin`, org_name: org, role: 'admin' },
    ]);
    expect(await roleOf(content, org, stranger)).toBe('admin');
    expect((await accept(content, stranger, 'x'.repeat(43))).statusCode).toBe(404);
  });

  it('works as often as it says: once, N times, or always', async ({ content }) => {
    const { admin, org } = await teamOf(content);
    for (const [maxUsage, expected] of [
      [null, [200, 409, 409]],
      [2, [200, 200, 409]],
      [-1, [200, 200, 200]],
    ] as const) {
      const token = await tokenOf(invite(content, admin, org, { max_usage: maxUsage }));
      const statuses = [];
      for (let n = 0; n < 3; n++)
        statuses.push((await accept(content, await content.user(), token)).statusCode);
      expect(statuses).toEqual(expected);
      const uses = expected.filter((status) => status === 200).length;
      const isAvailable = maxUsage === -1;
      expect((await details(content, token)).json()).toMatchObject({
        usage_count: uses,
        is_available: isAvailable,
      });
    }
  });

  it('does nothing for who is a member already, and is not used up by him', async ({ content }) => {
    const { admin, member, org } = await teamOf(content);
    const token = await tokenOf(invite(content, admin, org, { role: 'admin' }));
    const refused = await accept(content, member, token);
    expect([refused.statusCode, refused.json()]).toEqual([
      409,
      { error: `You are already a member of ${org}.` },
    ]);
    expect(await roleOf(content, org, member)).toBe('member');
    expect((await details(content, token)).json()).toMatchObject({ usage_count: 0, is_available: true });
  });

  it('ends after its time', async ({ content }) => {
    const { admin, stranger, org } = await teamOf(content);
    const token = await tokenOf(invite(content, admin, org));
    await content.hub.deps.sql.execute({
      text: `update invitation set expires_at = now() - interval '1 second' where token_hash = $1`,
      values: [hashSecret(token)],
    });
    expect((await details(content, token)).json()).toMatchObject({
      is_expired: true,
      is_available: false,
      error_message: 'This invitation has expired.',
    });
    const refused = await accept(content, stranger, token);
    expect([refused.statusCode, refused.json()]).toEqual([409, { error: 'This invitation has expired.' }]);
  });

  it.for([
    ['times', { max_usage: 0 }],
    ['times', { max_usage: -2 }],
    ['times', { max_usage: 10_001 }],
    ['max_usage', { max_usage: 1.5 }],
    ['times', { max_usage: 2 ** 40 }],
    ['works once', { max_usage: 5, email: 'a@example.test' }],
    ['works once', { max_usage: -1, email: 'a@example.test' }],
    ['days', { expires_days: 0 }],
    ['days', { expires_days: -1 }],
    ['days', { expires_days: 366 }],
    ['expires_days', { expires_days: '7' }],
    ['role', { role: 'emperor' }],
    ['email', { email: 'nowhere' }],
    ['email', { email: 'a@b.test, c@d.test' }],
    ['email', { email: 'a@b.test\r\nBcc: c@d.test' }],
    ['email', { email: ['a@b.test'] }],
  ] as const)('is refused by a sentence about %s: %j', async ([word, body], { content }) => {
    const { owner, org } = await teamOf(content);
    const refused = await invite(content, owner, org, body);
    expect([refused.statusCode, refused.json<{ error: string }>().error]).toEqual([
      400,
      expect.stringContaining(word),
    ]);
    expect(await listOf(content, owner, org)).toEqual([]);
  });

  it('is made by admins only, never for a role above their own', async ({ content }) => {
    const { owner, admin, member, stranger, org } = await teamOf(content);
    expect((await invite(content, null, org)).statusCode).toBe(401);
    for (const user of [member, stranger, await content.readToken(owner)])
      expect((await invite(content, user, org, { role: 'visitor' })).statusCode).toBe(403);
    expect((await invite(content, admin, org, { role: 'super-admin' })).statusCode).toBe(403);
    expect((await invite(content, owner, org, { role: 'super-admin' })).statusCode).toBe(200);
    expect((await invite(content, owner, 'no-such-org')).statusCode).toBe(404);
    expect((await invite(content, owner, owner.name)).statusCode).toBe(404);
    expect(await listOf(content, owner, org)).toHaveLength(1);
  });
});

describe('an invitation is worth what its maker may do', () => {
  const changes = {
    'left the organization': (content: ContentWorld, { admin, org }: Team) =>
      content.remove(admin, `/org/${org}/members/${admin.name}`),
    'is only a member now': (content: ContentWorld, { owner, admin, org }: Team) =>
      content.request(owner, {
        method: 'PUT',
        url: `/org/${org}/members/${admin.name}`,
        payload: { role: 'member' },
      }),
    'was suspended': (content: ContentWorld, { admin }: Team) =>
      content.hub.deps.sql.execute({
        text: 'update account set is_active = false where name = $1',
        values: [admin.name],
      }),
  };

  it.for(Object.entries(changes))('it does not work when he %s', async ([, change], { content }) => {
    const team = await teamOf(content);
    const token = await tokenOf(invite(content, team.admin, team.org, { max_usage: -1 }));
    await change(content, team);
    const sentence = 'Whoever made this invitation may not invite any more.';
    expect((await details(content, token)).json()).toMatchObject({
      is_available: false,
      error_message: sentence,
    });
    const refused = await accept(content, team.stranger, token);
    expect([refused.statusCode, refused.json()]).toEqual([409, { error: sentence }]);
    expect(await roleOf(content, team.org, team.stranger)).toBeUndefined();
    expect(await listOf(content, team.owner, team.org)).toEqual([
      expect.objectContaining({ is_available: false, error_message: sentence, is_pending: false }),
    ]);
  });

  it('nor when the role is above his own now, and it works again when he may', async ({ content }) => {
    const { owner, admin, stranger, org } = await teamOf(content);
    const { orgs } = content.hub.services();
    await orgs.changeRole(owner.actor, org, admin.name, 'super-admin');
    const token = await tokenOf(invite(content, admin, org, { role: 'super-admin' }));
    await orgs.changeRole(owner.actor, org, admin.name, 'admin');
    expect((await accept(content, stranger, token)).statusCode).toBe(409);
    await orgs.changeRole(owner.actor, org, admin.name, 'super-admin');
    expect((await accept(content, stranger, token)).statusCode).toBe(200);
  });

  it('and it goes with his account', async ({ content }) => {
    const { owner, admin, org } = await teamOf(content);
    const token = await tokenOf(invite(content, admin, org));
    await content.hub.deps.sql.execute({ text: 'delete from account where name = $1', values: [admin.name] });
    expect((await details(content, token)).statusCode).toBe(404);
    expect(await listOf(content, owner, org)).toEqual([]);
  });
});

describe('an invitation for one address', () => {
  it('is mailed there, and only its owner can accept it', async ({ mailing: { content, mailsTo } }) => {
    const { admin, member, org } = await teamOf(content);
    const [guest, other] = [await content.user(), await content.user()];
    const email = `${guest.name}@example.test`;
    const made = await invite(content, admin, org, { email: ` ${email.toUpperCase()} `, role: 'visitor' });
    const { token, invitation_link: link } = made.json<{ token: string; invitation_link: string }>();
    const mails = await mailsTo(email);
    expect(mails).toHaveLength(1);
    expect(mails[0]).toContain(`Subject: ${admin.name} invites you to ${org} on Test Hub`);
    expect(mails[0]).toContain(link);

    for (const user of [other, member]) expect((await accept(content, user, token)).statusCode).toBe(403);
    expect(await roleOf(content, org, other)).toBeUndefined();
    expect((await details(content, token)).json()).toMatchObject({
      email,
      usage_count: 0,
      is_available: true,
    });
    expect((await accept(content, guest, token)).statusCode).toBe(200);
    expect(await roleOf(content, org, guest)).toBe('visitor');
  });

  it('needs the address to be verified', async ({ content }) => {
    const { admin, stranger, org } = await teamOf(content);
    const setVerified = (at: Date | null) =>
      content.hub.deps.sql.execute({
        text: 'update account set email_verified_at = $2 where name = $1',
        values: [stranger.name, at],
      });
    const token = await tokenOf(invite(content, admin, org, { email: `${stranger.name}@example.test` }));
    await setVerified(null);
    const refused = await accept(content, stranger, token);
    expect([refused.statusCode, refused.json<{ error: string }>().error]).toEqual([
      403,
      expect.stringContaining('Verify the address first'),
    ]);
    await setVerified(new Date());
    expect((await accept(content, stranger, token)).statusCode).toBe(200);
  });

  it('is not made more than five times in an hour: nobody is flooded with mails', async ({ content }) => {
    const { owner, org } = await teamOf(content);
    const body = { email: `${content.name('flooded')}@example.test` };
    const statuses = [];
    for (let n = 0; n < 6; n++) statuses.push((await invite(content, owner, org, body)).statusCode);
    expect(statuses).toEqual([200, 200, 200, 200, 200, 429]);
    const stranger = await content.user();
    const other = { email: `${content.name('spared')}@example.test` };
    for (let n = 0; n < 6; n++) expect((await invite(content, stranger, org, other)).statusCode).toBe(403);
    expect((await invite(content, owner, org, other)).statusCode).toBe(200);
  });
});

describe('the list of invitations', () => {
  it('has the specified fields, and no secret', async ({ content }) => {
    const { owner, admin, org } = await teamOf(content);
    const token = await tokenOf(invite(content, admin, org, { role: 'visitor', max_usage: 2 }));
    await invite(content, owner, org, { email: 'a@example.test' });
    await accept(content, await content.user(), token);
    const answer = await content.read(admin, `/api/invitations/org/${org}/list`);
    const date = expect.stringMatching(/^\d{4}-.*Z$/);
    const both = {
      id: expect.any(Number),
      action: 'join_org',
      token: null,
      org_name: org,
      created_at: date,
      expires_at: date,
    };
    expect([answer.statusCode, answer.json()]).toEqual([
      200,
      {
        invitations: [
          {
            ...both,
            email: 'a@example.test',
            role: 'member',
            created_by: owner.name,
            max_usage: null,
            usage_count: 0,
            is_reusable: false,
            is_available: true,
            error_message: null,
            used_at: null,
            is_pending: true,
          },
          {
            ...both,
            email: null,
            role: 'visitor',
            created_by: admin.name,
            max_usage: 2,
            usage_count: 1,
            is_reusable: true,
            is_available: true,
            error_message: null,
            used_at: date,
            is_pending: false,
          },
        ],
      },
    ]);
    expect(answer.body).not.toContain(token);
  });

  it('goes on in pages', async ({ content }) => {
    const { admin, org } = await teamOf(content);
    for (let n = 0; n < 3; n++) await invite(content, admin, org);
    const first = await content.read(admin, `/api/invitations/org/${org}/list?limit=2`);
    const next = /<http:\/\/hub\.test([^>]+)>; rel="next"/.exec(String(first.headers.link))![1]!;
    const second = await content.read(admin, next);
    const ids = [first, second].map((page) =>
      page.json<{ invitations: { id: number }[] }>().invitations.map(({ id }) => id),
    );
    expect(ids.map((page) => page.length)).toEqual([2, 1]);
    expect(ids.flat()).toEqual(ids.flat().sort((a, b) => b - a));
    expect(second.headers.link).toBeUndefined();
    for (const query of ['limit=0', 'cursor=x', 'cursor=-1', 'cursor=1e99'])
      expect
        .soft([query, (await content.read(admin, `/api/invitations/org/${org}/list?${query}`)).statusCode])
        .toEqual([query, 400]);
  });

  it('is for admins', async ({ content }) => {
    const { member, stranger, org } = await teamOf(content);
    const url = `/api/invitations/org/${org}/list`;
    expect((await content.read(null, url)).statusCode).toBe(401);
    for (const user of [member, stranger]) expect((await content.read(user, url)).statusCode).toBe(403);
    expect((await content.read(member, '/api/invitations/org/no-such-org/list')).statusCode).toBe(404);
  });
});

describe('cancelling', () => {
  it('by link or from the list ends an invitation at once', async ({ content }) => {
    const { admin, stranger, org } = await teamOf(content);
    const done = [200, { success: true, message: 'Invitation cancelled' }];
    const byLink = await tokenOf(invite(content, admin, org));
    const first = await content.remove(admin, `/api/invitations/${byLink}`);
    expect([first.statusCode, first.json()]).toEqual(done);
    const byId = await tokenOf(invite(content, admin, org));
    const [listed] = await listOf(content, admin, org);
    const second = await content.remove(admin, `/api/invitations/org/${org}/${listed!.id}`);
    expect([second.statusCode, second.json()]).toEqual(done);
    for (const token of [byLink, byId]) {
      expect((await details(content, token)).statusCode).toBe(404);
      expect((await accept(content, stranger, token)).statusCode).toBe(404);
      expect((await content.remove(admin, `/api/invitations/${token}`)).statusCode).toBe(404);
    }
    expect(await listOf(content, admin, org)).toEqual([]);
  });

  it('needs the rights that making it needs, whoever has the link', async ({ content }) => {
    const { owner, admin, member, stranger, org } = await teamOf(content);
    const token = await tokenOf(invite(content, owner, org, { role: 'super-admin' }));
    const [listed] = await listOf(content, owner, org);
    const urls = [`/api/invitations/${token}`, `/api/invitations/org/${org}/${listed!.id}`];
    for (const url of urls) {
      expect((await content.remove(null, url)).statusCode).toBe(401);
      for (const user of [stranger, member, admin, await content.readToken(owner)])
        expect((await content.remove(user, url)).statusCode).toBe(403);
    }
    const elsewhere = await content.org(stranger);
    const foreign = `/api/invitations/org/${elsewhere}/${listed!.id}`;
    expect((await content.remove(stranger, foreign)).statusCode).toBe(404);
    expect((await details(content, token)).json()).toMatchObject({ is_available: true });
  });
});

it('the hub stores no secret of an invitation', async ({ content }) => {
  const { admin, org } = await teamOf(content);
  const token = await tokenOf(invite(content, admin, org));
  const rows = await content.hub.deps.sql.query<{ row: string; hash: Buffer }>({
    text: 'select i::text as row, i.token_hash as hash from invitation i',
  });
  expect(rows.some(({ hash }) => hash.equals(hashSecret(token)))).toBe(true);
  for (const { row } of rows) {
    expect(row).not.toContain(token);
    expect(row).not.toContain(Buffer.from(token).toString('hex'));
  }
});

it('an invitation is forgotten a month after its end, and stays in the list until then', async ({
  content,
}) => {
  const { admin, org } = await teamOf(content);
  const tokens = [];
  for (const age of ['31 days', '29 days']) {
    const token = await tokenOf(invite(content, admin, org));
    tokens.push(token);
    await content.hub.deps.sql.execute({
      text: 'update invitation set expires_at = now() - $2::interval where token_hash = $1',
      values: [hashSecret(token), age],
    });
  }
  await expireLogins(content.hub.requestDeps());
  expect(await listOf(content, admin, org)).toEqual([expect.objectContaining({ is_available: false })]);
  const shown = await Promise.all(tokens.map((token) => details(content, token)));
  expect(shown.map((answer) => answer.statusCode)).toEqual([404, 200]);
});
