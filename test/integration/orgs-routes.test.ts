import { describe, expect } from 'vitest';
import { type ContentWorld, it } from '../support/content.ts';
import type { TestUser } from '../support/world.ts';

const SPELLINGS = ['/org', '/api/org'] as const;

describe.each(SPELLINGS)('%s', (prefix) => {
  it('create answers with the specified fields and makes the caller super-admin', async ({ content }) => {
    const alice = await content.user();
    const name = content.name('Acme');
    const created = await content.postJson(alice, `${prefix}/create`, { name, description: ' We build. ' });
    expect([created.statusCode, created.json()]).toEqual([200, { success: true, name }]);
    const members = await content.read(null, `${prefix}/${name}/members`);
    expect(members.json()).toEqual({ members: [{ user: alice.name, role: 'super-admin' }] });
    const shown = await content.read(null, `${prefix}/${name.toLowerCase()}`);
    expect(shown.json()).toEqual({
      name,
      full_name: null,
      description: 'We build.',
      created_at: expect.stringMatching(/^\d{4}-.*Z$/),
      member_count: 1,
      repo_count: { model: 0, dataset: 0, space: 0, total: 0 },
    });
  });

  it('create needs a login and a token that may write', async ({ content }) => {
    const reader = await content.readToken(await content.user());
    expect((await content.postJson(null, `${prefix}/create`, { name: 'acme' })).statusCode).toBe(401);
    expect((await content.postJson(reader, `${prefix}/create`, { name: 'acme' })).statusCode).toBe(403);
  });

  it('members are added, changed and removed with the specified answers', async ({ content }) => {
    const [owner, bob] = await people(content, 2);
    const org = await content.org(owner);
    const added = await content.postJson(owner, `${prefix}/${org}/members`, {
      username: bob.name.toUpperCase(),
      role: 'visitor',
    });
    expect([added.statusCode, added.json()]).toEqual(done('Member added successfully'));
    const again = await content.postJson(owner, `${prefix}/${org}/members`, {
      username: bob.name,
      role: 'admin',
    });
    expect(again.statusCode).toBe(409);
    const url = `${prefix}/${org}/members/${bob.name}`;
    const changed = await content.request(owner, { method: 'PUT', url, payload: { role: 'member' } });
    expect([changed.statusCode, changed.json()]).toEqual(done('Role changed successfully'));
    expect(await roles(content, org)).toEqual({ [owner.name]: 'super-admin', [bob.name]: 'member' });
    const removed = await content.remove(owner, url);
    expect([removed.statusCode, removed.json()]).toEqual(done('Member removed successfully'));
    expect((await content.remove(owner, url)).statusCode).toBe(404);
    expect(
      (await content.request(owner, { method: 'PUT', url, payload: { role: 'admin' } })).statusCode,
    ).toBe(404);
    expect(await roles(content, org)).toEqual({ [owner.name]: 'super-admin' });
  });

  it("a user's organizations have the specified fields, for everybody", async ({ content }) => {
    const [owner, bob] = await people(content, 2);
    const org = await content.org(owner, [{ user: bob, role: 'visitor' }]);
    await content.hub.services().orgs.updateProfile(owner.actor, org, { description: 'Us' });
    const answer = await content.read(null, `${prefix}/users/${bob.name}/orgs`);
    expect([answer.statusCode, answer.json()]).toEqual([
      200,
      { organizations: [{ name: org, description: 'Us', role: 'visitor' }] },
    ]);
    expect((await content.read(null, `${prefix}/users/${org}/orgs`)).statusCode).toBe(404);
    expect((await content.read(null, `${prefix}/users/nobody-at-all/orgs`)).statusCode).toBe(404);
  });
});

it('a name is one organization or user, whatever its spelling; a taken one is no crash', async ({
  content,
}) => {
  const [alice, bob] = await people(content, 2);
  const org = await content.org(alice);
  const create = async (name: string) => (await content.postJson(bob, '/org/create', { name })).statusCode;
  for (const name of [alice.name, org, bob.name, org.toUpperCase().replaceAll('-', '_')])
    expect.soft([name, await create(name)]).toEqual([name, 409]);
  for (const name of ['', 'models', 'a b', '../x', 'a\0b', 'x'.repeat(97), 'api', 'settings'])
    expect.soft([name, await create(name)]).toEqual([name, 400]);
  const register = { username: org, email: 'x@example.test', password: 'correct horse battery' };
  expect((await content.postJson(null, '/api/auth/register', register)).statusCode).toBe(409);
});

it('private repositories are counted only for those who may see them', async ({ content }) => {
  const [owner, visitor, stranger] = await people(content, 3);
  const org = await content.org(owner, [{ user: visitor, role: 'visitor' }]);
  await content.repo(owner, { namespace: org });
  await content.repo(owner, { namespace: org, isPrivate: true });
  await content.repo(owner, { namespace: org, isPrivate: true, type: 'dataset' });
  const counts = async (user: TestUser | null) =>
    (await content.read(user, `/org/${org}`)).json<{ repo_count: object }>().repo_count;
  for (const user of [null, stranger])
    expect(await counts(user)).toEqual({ model: 1, dataset: 0, space: 0, total: 1 });
  for (const user of [owner, visitor])
    expect(await counts(user)).toEqual({ model: 2, dataset: 1, space: 0, total: 3 });
  const overview = async (user: TestUser | null) =>
    (await content.read(user, `/api/organizations/${org}/overview`)).json<object>();
  expect(await overview(stranger)).toMatchObject({ numModels: 1, numDatasets: 0 });
  expect(await overview(visitor)).toMatchObject({ numModels: 2, numDatasets: 1 });
});

describe('roles', () => {
  it('that do not exist are refused', async ({ content }) => {
    const [owner, bob] = await people(content, 2);
    const org = await content.org(owner);
    for (const role of ['emperor', 'owner', '', 'Admin', null, 7, ['admin']]) {
      const body = { username: bob.name, role };
      const added = await content.postJson(owner, `/org/${org}/members`, body);
      const url = `/org/${org}/members/${owner.name}`;
      const changed = await content.request(owner, { method: 'PUT', url, payload: { role } });
      expect.soft([role, added.statusCode, changed.statusCode]).toEqual([role, 400, 400]);
    }
    expect(await roles(content, org)).toEqual({ [owner.name]: 'super-admin' });
  });

  it('no admin raises himself, and none demotes or removes a super-admin', async ({ content }) => {
    const [owner, admin] = await people(content, 2);
    const org = await content.org(owner, [{ user: admin, role: 'admin' }]);
    const put = (who: TestUser, role: string) =>
      content.request(admin, { method: 'PUT', url: `/org/${org}/members/${who.name}`, payload: { role } });
    expect((await put(admin, 'super-admin')).statusCode).toBe(403);
    for (const role of ['visitor', 'member', 'admin']) expect((await put(owner, role)).statusCode).toBe(403);
    expect((await content.remove(admin, `/org/${org}/members/${owner.name}`)).statusCode).toBe(403);
    expect(await roles(content, org)).toEqual({ [owner.name]: 'super-admin', [admin.name]: 'admin' });
  });

  it('the last super-admin neither leaves nor is demoted', async ({ content }) => {
    const [owner, admin] = await people(content, 2);
    const org = await content.org(owner, [{ user: admin, role: 'admin' }]);
    const url = `/org/${org}/members/${owner.name}`;
    expect((await content.remove(owner, url)).statusCode).toBe(409);
    expect(
      (await content.request(owner, { method: 'PUT', url, payload: { role: 'admin' } })).statusCode,
    ).toBe(409);
    expect(await roles(content, org)).toMatchObject({ [owner.name]: 'super-admin' });
  });

  it('everybody leaves by himself, and nobody is removed by a member', async ({ content }) => {
    const [owner, member, visitor] = await people(content, 3);
    const org = await content.org(owner, [
      { user: member, role: 'member' },
      { user: visitor, role: 'visitor' },
    ]);
    expect((await content.remove(member, `/org/${org}/members/${visitor.name}`)).statusCode).toBe(403);
    const reader = await content.readToken(visitor);
    expect((await content.remove(reader, `/org/${org}/members/${visitor.name}`)).statusCode).toBe(403);
    expect(
      (await content.remove(visitor, `/org/${org}/members/${visitor.name.toUpperCase()}`)).statusCode,
    ).toBe(200);
    expect(await roles(content, org)).toEqual({ [owner.name]: 'super-admin', [member.name]: 'member' });
  });

  it('strangers are told nothing of who exists when they try to change members', async ({ content }) => {
    const [owner, stranger, somebody] = await people(content, 3);
    const org = await content.org(owner);
    const answers = [];
    for (const username of [somebody.name, 'nobody-at-all'])
      answers.push(await content.postJson(stranger, `/org/${org}/members`, { username, role: 'visitor' }));
    expect(answers.map((answer) => [answer.statusCode, answer.body])).toEqual([
      [403, answers[0]!.body],
      [403, answers[0]!.body],
    ]);
  });
});

describe('lists', () => {
  it('page through members and organizations by name, as Link says', async ({ content }) => {
    const [owner, ...others] = await people(content, 5);
    const org = await content.org(
      owner,
      others.map((user) => ({ user, role: 'member' }) as const),
    );
    const all = [owner, ...others].map((user) => user.name).sort((a, b) => key(a).localeCompare(key(b)));
    const names = async (url: string, pick: (body: never) => readonly string[]): Promise<string[]> => {
      const found: string[] = [];
      let next: string | undefined = url;
      while (next) {
        const page = await content.read(null, next);
        expect(page.statusCode).toBe(200);
        found.push(...pick(page.json<never>()));
        next = /<http:\/\/hub\.test([^>]+)>; rel="next"/.exec(String(page.headers.link))?.[1];
      }
      return found;
    };
    expect(
      await names(`/org/${org}/members?limit=2`, (body: { members: { user: string }[] }) =>
        body.members.map((one) => one.user),
      ),
    ).toEqual(all);
    expect(
      await names(`/api/organizations/${org}/members?limit=2`, (body: { user: string }[]) =>
        body.map((one) => one.user),
      ),
    ).toEqual(all);
    const orgs = [org, await content.org(owner), await content.org(owner)].sort((a, b) =>
      key(a).localeCompare(key(b)),
    );
    expect(
      await names(`/org/users/${owner.name}/orgs?limit=1`, (body: { organizations: { name: string }[] }) =>
        body.organizations.map((one) => one.name),
      ),
    ).toEqual(orgs);
  });

  it('refuse sizes and cursors that are none', async ({ content }) => {
    const org = await content.org(await content.user());
    for (const query of ['limit=0', 'limit=-1', 'limit=x', 'cursor=%00', 'cursor=a%27b', 'cursor='])
      expect
        .soft([query, (await content.read(null, `/org/${org}/members?${query}`)).statusCode])
        .toEqual([query, 400]);
  });

  it('huggingface_hub gets members as users, and an overview', async ({ content }) => {
    const owner = await content.user();
    const org = await content.org(owner);
    const { orgs } = content.hub.services();
    await orgs.updateProfile(owner.actor, org, { fullName: 'Acme Labs', description: 'Us' });
    expect((await content.read(null, `/api/organizations/${org}/members`)).json()).toEqual([
      {
        user: owner.name,
        fullname: owner.name,
        avatarUrl: `http://hub.test/api/users/${owner.name}/avatar`,
        isPro: false,
        type: 'user',
      },
    ]);
    expect((await content.read(null, `/api/organizations/${org}/overview`)).json()).toEqual({
      name: org,
      fullname: 'Acme Labs',
      avatarUrl: `http://hub.test/api/organizations/${org}/avatar`,
      details: 'Us',
      isVerified: false,
      numUsers: 1,
      numModels: 0,
      numDatasets: 0,
      numSpaces: 0,
    });
    const whoami = (await content.read(owner, '/api/whoami-v2')).json<{ orgs: object[] }>();
    expect(whoami.orgs).toEqual([
      expect.objectContaining({ name: org, fullname: 'Acme Labs', roleInOrg: 'super-admin' }),
    ]);
  });
});

describe('settings', () => {
  it('change what is given, null clears, and everybody reads the profile', async ({ content }) => {
    const [owner, admin] = await people(content, 2);
    const org = await content.org(owner, [{ user: admin, role: 'admin' }]);
    const full = {
      full_name: 'Acme Labs',
      description: 'We build.',
      bio: 'Line 1\nLine 2',
      website: 'https://acme.test',
      social_media: { github: 'acme', twitter_x: '@acme' },
    };
    const changed = await put(content, admin, org, full);
    expect([changed.statusCode, changed.json()]).toEqual([
      200,
      { success: true, message: 'Settings changed' },
    ]);
    const profile = async () =>
      (await content.read(null, `/api/organizations/${org}/profile`)).json<object>();
    const rest = { name: org, member_count: 2, created_at: expect.stringMatching(/Z$/) };
    expect(await profile()).toEqual({ ...full, ...rest });
    await put(content, admin, org, { bio: null, website: '' });
    expect(await profile()).toEqual({ ...full, ...rest, bio: null, website: null });
  });

  it('need a login and an admin', async ({ content }) => {
    const [owner, member, stranger] = await people(content, 3);
    const org = await content.org(owner, [{ user: member, role: 'member' }]);
    const body = { bio: 'changed' };
    expect((await put(content, null, org, body)).statusCode).toBe(401);
    for (const user of [member, stranger, await content.readToken(owner)])
      expect((await put(content, user, org, body)).statusCode).toBe(403);
    expect((await put(content, owner, 'no-such-org', body)).statusCode).toBe(404);
    expect((await put(content, owner, owner.name, body)).statusCode).toBe(404);
  });

  it.for([
    ['website', { website: 'javascript:alert(1)' }],
    ['description', { description: 'x'.repeat(1001) }],
    ['bio', { bio: 'a\0b' }],
    ['full_name', { full_name: ['a'] }],
    ['social_media', { social_media: { github: { a: 1 } } }],
    ['social_media', { social_media: 'github' }],
    ['social networks', { social_media: { 'no network': 'a' } }],
  ] as const)('a bad %s leaves everything as it was: %j', async ([field, body], { content }) => {
    const owner = await content.user();
    const org = await content.org(owner);
    const refused = await put(content, owner, org, { full_name: 'Changed', ...body });
    expect([refused.statusCode, refused.json<{ error: string }>().error]).toEqual([
      400,
      expect.stringContaining(field),
    ]);
    const profile = (await content.read(null, `/api/organizations/${org}/profile`)).json<object>();
    expect(profile).toMatchObject({ full_name: null, website: null, bio: null });
  });
});

it('unknown organizations are missing everywhere, also with names that nobody can have', async ({
  content,
}) => {
  const alice = await content.user();
  for (const name of ['no-such-org', alice.name, 'a%00b', '%F0%9F%98%80', 'x'.repeat(300)]) {
    const statuses = [];
    for (const url of [
      `/org/${name}`,
      `/org/${name}/members`,
      `/api/organizations/${name}/overview`,
      `/api/organizations/${name}/members`,
      `/api/organizations/${name}/profile`,
    ])
      statuses.push((await content.read(alice, url)).statusCode);
    statuses.push(
      (await content.postJson(alice, `/org/${name}/members`, { username: alice.name, role: 'admin' }))
        .statusCode,
    );
    statuses.push((await content.remove(alice, `/org/${name}/members/${alice.name}`)).statusCode);
    statuses.push((await content.remove(alice, `/org/${name}`)).statusCode);
    statuses.push((await content.postJson(alice, `/org/${name}/rename`, { name: 'new-name' })).statusCode);
    expect.soft([name, ...statuses]).toEqual([name, ...Array.from({ length: 9 }, () => 404)]);
  }
});

function put(content: ContentWorld, user: TestUser | null, org: string, payload: object) {
  return content.request(user, { method: 'PUT', url: `/api/organizations/${org}/settings`, payload });
}

function done(message: string) {
  return [200, { success: true, message }];
}

function key(name: string): string {
  return name.toLowerCase().replaceAll('-', '_');
}

async function people(
  content: ContentWorld,
  count: number,
): Promise<[TestUser, TestUser, TestUser, TestUser, ...TestUser[]]> {
  const users: TestUser[] = [];
  while (users.length < count) users.push(await content.user());
  return users as [TestUser, TestUser, TestUser, TestUser];
}

async function roles(content: ContentWorld, org: string): Promise<Record<string, string>> {
  const { members } = (await content.read(null, `/org/${org}/members`)).json<{
    members: { user: string; role: string }[];
  }>();
  return Object.fromEntries(members.map(({ user, role }) => [user, role]));
}
