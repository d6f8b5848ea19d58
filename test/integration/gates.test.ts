import type { FastifyInstance } from 'fastify';
import { expect } from 'vitest';
import type { RepoRef } from '../../src/domain/repo/repo-ref.ts';
import type { GatedMode } from '../../src/domain/repo/repo.entity.ts';
import type { Hub } from '../../src/server/hub.ts';
import { it } from '../support/it.ts';
import type { TestUser, World } from '../support/world.ts';

const CARD = `---
extra_gated_fields:
  Company: text
  I agree to the terms: checkbox
  Purpose:
    type: select
    options: [Research, { label: Something else, value: other }]
---
`;
const ANSWERS = { Company: 'ACME', 'I agree to the terms': true, Purpose: 'other' };

it('an automatic gate lets in who asks, and files of the repository with him', async ({
  app,
  hub,
  world,
}) => {
  const { repo } = await gated(hub, world, 'auto');
  const bob = await world.user();
  expect(await readStatus(app, repo, bob)).toEqual([403, 'GatedRepo']);
  const asked = await call(app, bob, 'POST', repo, 'ask-access', {});
  expect(asked.json()).toMatchObject({ status: 'accepted', rejectionReason: null });
  expect(await readStatus(app, repo, bob)).toEqual([200, undefined]);
  expect(await readStatus(app, repo, null)).toEqual([403, 'GatedRepo']);
});

it('at a manual gate people who may write decide', async ({ app, hub, world }) => {
  const { owner, repo } = await gated(hub, world, 'manual');
  const bob = await world.user();
  expect((await call(app, bob, 'POST', repo, 'ask-access', {})).json()).toMatchObject({ status: 'pending' });
  expect(await readStatus(app, repo, bob)).toEqual([403, 'GatedRepo']);
  const pending = await call(app, owner, 'GET', repo, 'user-access-request/pending');
  expect(pending.json()).toEqual([
    {
      requestId: expect.stringMatching(/^[0-9a-f]{24}$/) as unknown,
      user: { user: bob.name, fullname: bob.name, email: `${bob.name}@example.test` },
      status: 'pending',
      timestamp: expect.stringMatching(/Z$/) as unknown,
      fields: {},
    },
  ]);
  const decide = (status: string, rejectionReason?: string) =>
    call(app, owner, 'POST', repo, 'user-access-request/handle', { user: bob.name, status, rejectionReason });
  expect((await decide('accepted')).statusCode).toBe(200);
  expect(await readStatus(app, repo, bob)).toEqual([200, undefined]);
  expect((await decide('accepted')).statusCode).toBe(404);
  expect((await decide('rejected', 'Wrong company')).statusCode).toBe(200);
  expect(await readStatus(app, repo, bob)).toEqual([403, 'GatedRepo']);
  const view = await call(app, bob, 'GET', repo, 'ask-access');
  expect(view.json()).toMatchObject({
    hasAccess: false,
    request: { status: 'rejected', rejectionReason: 'Wrong company' },
  });
  // Asking again does not undo a decision.
  expect((await call(app, bob, 'POST', repo, 'ask-access', {})).json()).toMatchObject({ status: 'rejected' });
  expect((await decide('pending')).statusCode).toBe(200);
  expect((await call(app, owner, 'GET', repo, 'user-access-request/rejected')).json()).toEqual([]);
  expect((await call(app, owner, 'GET', repo, 'user-access-request/pending')).json()).toHaveLength(1);
});

it('a request is named by its id as well, in its repository only', async ({ app, hub, world }) => {
  const [{ owner, repo }, other] = [await gated(hub, world, 'manual'), await gated(hub, world, 'manual')];
  const bob = await world.user();
  await call(app, bob, 'POST', repo, 'ask-access', {});
  const pending = await call(app, owner, 'GET', repo, 'user-access-request/pending');
  const [{ requestId }] = pending.json<[{ requestId: string }]>();
  const handle = async (user: TestUser, ref: RepoRef, body: object) =>
    (await call(app, user, 'POST', ref, 'user-access-request/handle', { status: 'accepted', ...body }))
      .statusCode;
  for (const [user, ref, body, expected] of [
    [bob, repo, { requestId }, 403],
    [other.owner, other.repo, { requestId }, 404],
    [owner, repo, { requestId: 'f'.repeat(24) }, 400],
    [owner, repo, { requestId: '0'.repeat(24) }, 404],
    [owner, repo, { requestId, user: bob.name }, 400],
    [owner, repo, {}, 400],
  ] as const)
    expect.soft([body, await handle(user, ref, body)]).toEqual([body, expected]);
  expect(await readStatus(app, repo, bob)).toEqual([403, 'GatedRepo']);
  expect(await handle(owner, repo, { requestId })).toBe(200);
  expect(await readStatus(app, repo, bob)).toEqual([200, undefined]);
  expect(await handle(owner, repo, { requestId })).toBe(404);
});

it('somebody can be let in without asking, and his address is not told', async ({ app, hub, world }) => {
  const { owner, repo } = await gated(hub, world, 'manual');
  const bob = await world.user();
  const grant = () => call(app, owner, 'POST', repo, 'user-access-request/grant', { user: bob.name });
  const granted = await grant();
  expect([granted.statusCode, granted.json()]).toEqual([200, { success: true, message: 'Access granted' }]);
  expect(await readStatus(app, repo, bob)).toEqual([200, undefined]);
  expect((await grant()).statusCode).toBe(400);
  const accepted = await call(app, owner, 'GET', repo, 'user-access-request/accepted');
  expect(accepted.json<{ user: object }[]>()[0]!.user).toEqual({ user: bob.name, fullname: bob.name });
  const nobody = await call(app, owner, 'POST', repo, 'user-access-request/grant', { user: 'nobody-here' });
  expect(nobody.statusCode).toBe(404);
});

it('the questions of the card come in its order, must be answered, and nothing else is kept', async ({
  app,
  hub,
  world,
}) => {
  const { owner, repo } = await gated(hub, world, 'manual');
  await world.commit(owner, repo, { 'README.md': CARD });
  const bob = await world.user();
  expect((await call(app, bob, 'GET', repo, 'ask-access')).json()).toEqual({
    hasAccess: false,
    request: null,
    questions: [
      { name: 'Company', kind: 'text', options: null },
      { name: 'I agree to the terms', kind: 'checkbox', options: null },
      { name: 'Purpose', kind: 'text', options: ['Research', 'other'] },
    ],
  });
  for (const [fields, named] of [
    [{}, 'Company'],
    [{ ...ANSWERS, Company: ' ' }, 'Company'],
    [{ ...ANSWERS, Company: true }, 'Company'],
    [{ ...ANSWERS, Company: 'x'.repeat(2001) }, 'Company'],
    [{ ...ANSWERS, 'I agree to the terms': false }, 'I agree to the terms'],
    [{ ...ANSWERS, 'I agree to the terms': 'true' }, 'I agree to the terms'],
    [{ ...ANSWERS, Purpose: 'Fun' }, 'Purpose'],
  ] as const) {
    const refused = await call(app, bob, 'POST', repo, 'ask-access', { fields });
    expect([refused.statusCode, refused.headers['x-error-code']]).toEqual([400, 'BadRequest']);
    expect(refused.json<{ error: string }>().error).toContain(`"${named}"`);
  }
  expect((await call(app, owner, 'GET', repo, 'user-access-request/pending')).json()).toEqual([]);
  const fields = { ...ANSWERS, more: 'text' };
  expect((await call(app, bob, 'POST', repo, 'ask-access', { fields })).statusCode).toBe(200);
  const [request] = (await call(app, owner, 'GET', repo, 'user-access-request/pending')).json<
    { fields: object }[]
  >();
  expect(Object.entries(request!.fields)).toEqual(
    ['Company', 'I agree to the terms', 'Purpose'].map((name) => [
      name,
      ANSWERS[name as keyof typeof ANSWERS],
    ]),
  );
});

it('a request can be taken back until it is decided', async ({ app, hub, world }) => {
  const { owner, repo } = await gated(hub, world, 'manual');
  const bob = await world.user();
  expect((await call(app, bob, 'DELETE', repo, 'ask-access')).statusCode).toBe(404);
  await call(app, bob, 'POST', repo, 'ask-access', {});
  expect((await call(app, bob, 'DELETE', repo, 'ask-access')).statusCode).toBe(200);
  expect((await call(app, owner, 'GET', repo, 'user-access-request/pending')).json()).toEqual([]);
  await call(app, bob, 'POST', repo, 'ask-access', {});
  const rejected = { user: bob.name, status: 'rejected' };
  await call(app, owner, 'POST', repo, 'user-access-request/handle', rejected);
  expect((await call(app, bob, 'DELETE', repo, 'ask-access')).statusCode).toBe(404);
});

it('who was accepted is nobody when the repository is private', async ({ app, hub, world }) => {
  const { owner, repo } = await gated(hub, world, 'auto');
  const bob = await world.user();
  await call(app, bob, 'POST', repo, 'ask-access', {});
  await hub.services().repos.updateSettings(owner.actor, repo, { visibility: 'private' });
  expect(await readStatus(app, repo, bob)).toEqual([404, 'RepoNotFound']);
  expect((await call(app, bob, 'GET', repo, 'ask-access')).statusCode).toBe(404);
});

it('there is nothing to ask where there is no gate', async ({ app, world }) => {
  const [owner, bob] = [await world.user(), await world.user()];
  const repo = await world.repo(owner);
  for (const [user, method, path, body] of [
    [bob, 'GET', 'ask-access', undefined],
    [bob, 'POST', 'ask-access', {}],
    [owner, 'GET', 'user-access-request/pending', undefined],
    [owner, 'POST', 'user-access-request/grant', { user: bob.name }],
  ] as const) {
    expect((await call(app, user, method, repo, path, body)).statusCode).toBe(400);
  }
});

it('lists come in pages, newest first', async ({ app, hub, world }) => {
  const { owner, repo } = await gated(hub, world, 'manual');
  const users = [await world.user(), await world.user(), await world.user()];
  for (const user of users) await call(app, user, 'POST', repo, 'ask-access', {});
  const names: string[] = [];
  let path: string | null = 'user-access-request/pending?limit=2';
  while (path !== null) {
    const page = await call(app, owner, 'GET', repo, path);
    names.push(...page.json<{ user: { user: string } }[]>().map(({ user }) => user.user));
    path = /user-access-request[^>]*/.exec(String(page.headers.link ?? ''))?.[0] ?? null;
  }
  expect(names).toEqual(users.map(({ name }) => name).toReversed());
  expect((await call(app, owner, 'GET', repo, 'user-access-request/pending?cursor=x')).statusCode).toBe(400);
});

it('files of a gated repository count as readable for who was accepted', async ({ app, hub, world }) => {
  const { repo } = await gated(hub, world, 'auto');
  const bob = await world.user();
  const token = () => call(app, bob, 'GET', repo, 'xet-read-token/main');
  expect((await token()).statusCode).toBe(403);
  await call(app, bob, 'POST', repo, 'ask-access', {});
  expect((await token()).statusCode).toBe(200);
});

async function gated(hub: Hub, world: World, mode: GatedMode): Promise<{ owner: TestUser; repo: RepoRef }> {
  const owner = await world.user();
  const repo = await world.repo(owner);
  await world.commit(owner, repo, { 'a.txt': 'a' });
  await hub.services().repos.updateSettings(owner.actor, repo, { gated: mode });
  return { owner, repo };
}

function call(
  app: FastifyInstance,
  user: TestUser | null,
  method: 'GET' | 'POST' | 'DELETE',
  { type, namespace, name }: RepoRef,
  path: string,
  payload?: object,
) {
  return app.inject({
    method,
    url: `/api/${type}s/${namespace}/${name}/${path}`,
    headers: user?.headers ?? {},
    ...(payload && { payload }),
  });
}

async function readStatus(
  app: FastifyInstance,
  { namespace, name }: RepoRef,
  user: TestUser | null,
): Promise<readonly unknown[]> {
  const { statusCode, headers } = await app.inject({
    url: `/${namespace}/${name}/resolve/main/a.txt`,
    headers: user?.headers ?? {},
  });
  return [statusCode, headers['x-error-code']];
}
