import { describe, expect } from 'vitest';
import { type ContentWorld, it } from '../support/content.ts';
import type { TestUser } from '../support/world.ts';

function rename(content: ContentWorld, user: TestUser | null, org: string, name: string) {
  return content.postJson(user, `/org/${org}/rename`, { name });
}

function register(content: ContentWorld, username: string) {
  const payload = {
    username,
    email: `${content.name('mail')}@example.test`,
    password: 'correct horse battery',
  };
  const remoteAddress = `10.8.${Math.floor(Math.random() * 256)}.${Math.floor(Math.random() * 256)}`;
  return content.request(null, { method: 'POST', url: '/api/auth/register', payload, remoteAddress });
}

describe('a renamed organization', () => {
  it('keeps everything, and all old addresses lead to the new ones', async ({ content }) => {
    const owner = await content.user();
    const org = await content.org(owner);
    const repo = await content.repo(owner, { namespace: org });
    const data = await content.repo(owner, { namespace: org, type: 'dataset' });
    const sha = await content.commit(owner, repo, { 'a b.txt': 'text' });
    const name = content.name('Renamed');
    const answer = await rename(content, owner, org, name);
    expect([answer.statusCode, answer.json()]).toEqual([200, { success: true, name }]);
    expect((await content.read(null, `/api/models/${name}/${repo.name}`)).json()).toMatchObject({
      id: `${name}/${repo.name}`,
      sha,
    });
    for (const [old, target] of [
      [`/api/models/${org}/${repo.name}`, `/api/models/${name}/${repo.name}`],
      [`/${org}/${repo.name}/resolve/main/a%20b.txt`, `/${name}/${repo.name}/resolve/main/a%20b.txt`],
      [`/api/datasets/${org.toUpperCase()}/${data.name}`, `/api/datasets/${name}/${data.name}`],
      [
        `/${org}/${repo.name}.git/info/refs?service=git-upload-pack`,
        `/${name}/${repo.name}.git/info/refs?service=git-upload-pack`,
      ],
    ]) {
      const moved = await content.read(null, old!);
      expect([old, moved.statusCode, moved.headers.location]).toEqual([old, 307, target]);
    }
    expect((await content.read(null, `/org/${org}`)).json()).toMatchObject({ name });
    const listed = await content.read(null, `/api/users/${org}/repos`);
    expect(listed.json()).toMatchObject({ models: [{ id: `${name}/${repo.name}` }] });
    expect((await content.read(null, `/org/${org}/members`)).json()).toEqual({
      members: [{ user: owner.name, role: 'super-admin' }],
    });
  });

  it('leads through several names, of the organization and of a repository', async ({ content }) => {
    const owner = await content.user();
    const first = await content.org(owner);
    const repo = await content.repo(owner, { namespace: first, name: 'old' });
    const [second, third] = [content.name('second'), content.name('third')];
    await rename(content, owner, first, second);
    await content.hub
      .services()
      .repos.move(owner.actor, { ...repo, namespace: second }, { namespace: second, name: 'new' });
    await rename(content, owner, second, third);
    for (const namespace of [first, second, third]) {
      const moved = await content.read(null, `/api/models/${namespace}/old`);
      expect([namespace, moved.statusCode, moved.headers.location]).toEqual([
        namespace,
        307,
        `/api/models/${third}/new`,
      ]);
    }
  });

  it('shows its private repositories under the old name to its own people only', async ({ content }) => {
    const [owner, stranger] = [await content.user(), await content.user()];
    const org = await content.org(owner);
    const repo = await content.repo(owner, { namespace: org, isPrivate: true });
    await rename(content, owner, org, content.name('renamed'));
    const url = `/api/models/${org}/${repo.name}`;
    expect((await content.read(owner, url)).statusCode).toBe(307);
    for (const user of [null, stranger]) {
      const hidden = await content.read(user, url);
      const missing = await content.read(user, `/api/models/${org}/missing`);
      expect([hidden.statusCode, hidden.body]).toEqual([404, missing.body]);
    }
  });

  it('gives its old name to nobody else, whatever the spelling, as long as it exists', async ({
    content,
  }) => {
    const [owner, other] = [await content.user(), await content.user()];
    const org = await content.org(owner);
    const others = await content.org(other);
    await rename(content, owner, org, content.name('renamed'));
    for (const name of [org, org.toUpperCase().replaceAll('-', '_')]) {
      expect((await content.postJson(other, '/org/create', { name })).statusCode).toBe(409);
      expect((await content.postJson(owner, '/org/create', { name })).statusCode).toBe(409);
      expect((await register(content, name)).statusCode).toBe(409);
      expect((await rename(content, other, others, name)).statusCode).toBe(409);
      const check = await content.postJson(null, '/api/validate/check-name', { name });
      expect(check.json()).toMatchObject({ available: false });
    }
    const repo = { name: 'taken', organization: org };
    expect((await content.postJson(other, '/api/repos/create', repo)).statusCode).toBe(403);
    expect((await content.read(null, `/org/${others}`)).statusCode).toBe(200);
  });

  it('may take an old name back', async ({ content }) => {
    const owner = await content.user();
    const org = await content.org(owner);
    const repo = await content.repo(owner, { namespace: org });
    const name = content.name('renamed');
    await rename(content, owner, org, name);
    expect((await rename(content, owner, name, org)).statusCode).toBe(200);
    expect((await content.read(null, `/api/models/${org}/${repo.name}`)).statusCode).toBe(200);
    expect((await content.read(null, `/api/models/${name}/${repo.name}`)).statusCode).toBe(307);
    expect((await content.postJson(await content.user(), '/org/create', { name })).statusCode).toBe(409);
  });

  it('changes the letters of its name and leaves no old one', async ({ content }) => {
    const owner = await content.user();
    const org = await content.org(owner);
    expect((await rename(content, owner, org, org.toUpperCase())).json()).toMatchObject({
      name: org.toUpperCase(),
    });
    expect((await content.read(null, `/org/${org}`)).json()).toMatchObject({ name: org.toUpperCase() });
    expect(await rowsOf(content, 'former_name', org)).toBe(0);
  });

  it('needs a super-admin, a login, and a name that is free and allowed', async ({ content }) => {
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
    const free = content.name('free');
    expect((await rename(content, null, org, free)).statusCode).toBe(401);
    for (const user of [admin, member, stranger, await content.readToken(owner)])
      expect((await rename(content, user, org, free)).statusCode).toBe(403);
    for (const name of [stranger.name, await content.org(stranger)])
      expect((await rename(content, owner, org, name)).statusCode).toBe(409);
    for (const name of ['models', 'a b', '', 'x'.repeat(97), 'a\0b'])
      expect((await rename(content, owner, org, name)).statusCode).toBe(400);
    expect((await content.read(null, `/org/${org}`)).json()).toMatchObject({ name: org });
  });
});

describe('at the same time', () => {
  it('a name that is being given up goes to nobody', async ({ content }) => {
    for (let round = 0; round < 4; round++) {
      const [owner, other] = [await content.user(), await content.user()];
      const org = await content.org(owner);
      const others = await content.org(other);
      const [renamed, ...taken] = await Promise.all([
        rename(content, owner, org, content.name('renamed')),
        register(content, org),
        content.postJson(other, '/org/create', { name: org }),
        rename(content, other, others, org),
      ]);
      expect([renamed.statusCode, ...taken.map((answer) => answer.statusCode)]).toEqual([200, 409, 409, 409]);
      expect(await rowsOf(content, 'account', org)).toBe(0);
      expect(await rowsOf(content, 'former_name', org)).toBe(1);
    }
  });

  it('two that want the name of the other both keep their own, and neither waits for the other', async ({
    content,
  }) => {
    const [ann, bob] = [await content.user(), await content.user()];
    const [a, b] = [await content.org(ann), await content.org(bob)];
    for (let round = 0; round < 20; round++) {
      const answers = await Promise.all([rename(content, ann, a, b), rename(content, bob, b, a)]);
      expect(answers.map((answer) => answer.statusCode)).toEqual([409, 409]);
    }
  });

  it('of many new names for one organization, all old ones are its own', async ({ content }) => {
    const owner = await content.user();
    const org = await content.org(owner);
    const names = Array.from({ length: 6 }, () => content.name('race'));
    const answers = await Promise.all(names.map((name) => rename(content, owner, org, name)));
    const statuses = answers.map((answer) => answer.statusCode);
    // The others named the organization as it was not called any more.
    expect(statuses.filter((status) => status === 200)).toHaveLength(1);
    expect(statuses.filter((status) => status === 404)).toHaveLength(5);
    expect((await content.read(null, `/org/${org}`)).json()).toMatchObject({
      name: names[statuses.indexOf(200)],
    });
  });
});

async function rowsOf(
  content: ContentWorld,
  table: 'account' | 'former_name',
  name: string,
): Promise<number> {
  const [row] = await content.hub.deps.sql.query<{ count: number }>({
    text: `select count(*) from ${table} where normalized_name = $1`,
    values: [name.toLowerCase().replaceAll('-', '_')],
  });
  return row!.count;
}
