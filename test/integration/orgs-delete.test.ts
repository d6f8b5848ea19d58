import { expect } from 'vitest';
import { type ContentWorld, it } from '../support/content.ts';

it('ends with its members and invitations, and its names become free', async ({ content }) => {
  const [owner, member] = [await content.user(), await content.user()];
  const first = await content.org(owner, [{ user: member, role: 'member' }]);
  const { orgs, invitations } = content.hub.services();
  const { name: org } = await orgs.rename(owner.actor, first, content.name('org'));
  const { token } = await invitations.createForOrg(owner.actor, org, {
    role: 'member',
    email: null,
    maxUsage: null,
    expiresInDays: 1,
  });
  const answer = await content.remove(owner, `/org/${org}`);
  expect([answer.statusCode, answer.json()]).toEqual([
    200,
    { success: true, message: 'Organization deleted' },
  ]);
  expect((await content.read(null, `/org/${org}`)).statusCode).toBe(404);
  expect((await content.read(null, `/api/invitations/${token}`)).statusCode).toBe(404);
  const orgsOf = await content.read(null, `/org/users/${member.name}/orgs`);
  expect(orgsOf.json()).toEqual({ organizations: [] });
  for (const name of [org, first])
    expect((await content.postJson(member, '/org/create', { name })).statusCode).toBe(200);
});

it('is refused while it has repositories, and names them', async ({ content }) => {
  const owner = await content.user();
  const org = await content.org(owner);
  for (let n = 0; n < 12; n++)
    await content.repo(owner, { namespace: org, name: `model-${n}`, isPrivate: n % 2 === 0 });
  const refused = await content.remove(owner, `/org/${org}?end_redirects=true`);
  expect(refused.statusCode).toBe(409);
  const { error } = refused.json<{ error: string }>();
  expect(error).toContain(`${org} still has 12 repositories`);
  expect(error).toContain(`model ${org}/model-0, model ${org}/model-1`);
  expect(error).toContain('and 2 more');
  expect((await content.read(null, `/api/models/${org}/model-1`)).statusCode).toBe(200);
});

it('is refused while former names of moved repositories lead through it, until they are given up', async ({
  content,
}) => {
  const owner = await content.user();
  const org = await content.org(owner);
  const repo = await content.repo(owner, { namespace: org });
  await content.hub.services().repos.move(owner.actor, repo, { namespace: owner.name, name: repo.name });
  const refused = await content.remove(owner, `/org/${org}`);
  expect(refused.statusCode).toBe(409);
  expect(refused.json<{ error: string }>().error).toContain('end_redirects=true');
  expect((await content.read(null, `/api/models/${org}/${repo.name}`)).statusCode).toBe(307);
  expect((await content.remove(owner, `/api/org/${org}?end_redirects=true`)).statusCode).toBe(200);
  expect((await content.read(null, `/api/models/${org}/${repo.name}`)).statusCode).toBe(404);
  expect((await content.read(null, `/api/models/${owner.name}/${repo.name}`)).statusCode).toBe(200);
});

it('needs a login and a super-admin', async ({ content }) => {
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
  expect((await content.remove(null, `/org/${org}`)).statusCode).toBe(401);
  for (const user of [admin, member, stranger, await content.readToken(owner)])
    expect((await content.remove(user, `/org/${org}`)).statusCode).toBe(403);
  expect((await content.remove(owner, `/org/${owner.name}`)).statusCode).toBe(404);
  expect((await content.read(null, `/org/${org}`)).statusCode).toBe(200);
});

it('at the same time as a repository is made or moved there, one of both happens', async ({ content }) => {
  const owner = await content.user();
  for (let round = 0; round < 8; round++) {
    const org = await content.org(owner);
    const own = await content.repo(owner);
    const [ended, made, moved] = await Promise.all([
      content.remove(owner, `/org/${org}`),
      content.postJson(owner, '/api/repos/create', { name: 'made', organization: org }),
      content.postJson(owner, '/api/repos/move', {
        fromRepo: `${owner.name}/${own.name}`,
        toRepo: `${org}/moved`,
      }),
    ]);
    const statuses = [ended.statusCode, made.statusCode, moved.statusCode];
    expect(statuses).toEqual(ended.statusCode === 200 ? [200, 403, 403] : [409, 200, 200]);
    expect(await reposOf(content, org)).toBe(ended.statusCode === 200 ? 0 : 2);
  }
});

async function reposOf(content: ContentWorld, org: string): Promise<number> {
  const [row] = await content.hub.deps.sql.query<{ count: number }>({
    text: 'select count(*) from repo r join account a on a.id = r.owner_id where a.name = $1',
    values: [org],
  });
  return row!.count;
}
