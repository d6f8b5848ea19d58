import { describe, expect } from 'vitest';
import { appRouter } from '../../../schema/trpc/router.ts';
import { steady } from '../../support/graphql.ts';
import { it } from '../../support/it.ts';
import { trpcMutation, trpcQuery } from '../../support/trpc.ts';

const QUERIES = Object.entries(
  appRouter._def.procedures as unknown as Record<string, { _def: { type: string } }>,
)
  .filter(([path, { _def }]) => path.startsWith('admin.') && _def.type === 'query')
  .map(([path]) => path);

describe('admin', () => {
  it.for(QUERIES)('%s is for administrators of the hub', async (path, { app, world }) => {
    const user = await world.user();
    const input = { username: user.name };
    expect((await trpcQuery({ app, user: null, path, input })).error?.domainCode).toBe('Unauthenticated');
    expect((await trpcQuery({ app, user, path, input })).error?.domainCode).toBe('Forbidden');
    expect((await trpcQuery({ app, user: await world.admin(), path, input })).status).toBe(200);
  });
});

describe('admin.users', () => {
  it('are made, shown, suspended, raised and deleted', async ({ hub, app, world }) => {
    const admin = await world.admin();
    const name = world.name('made');
    const act = async (path: string, input: object) =>
      trpcMutation({ app, user: admin, path: `admin.users.${path}`, input });
    const made = await act('create', {
      username: name,
      password: 'correct horse battery',
      email: `${name}@example.test`,
    });
    expect(steady(made.data)).toMatchInlineSnapshot(`
      {
        "createdAt": "<date>",
        "email": "made1@example.test",
        "fullName": null,
        "id": "<id>",
        "isActive": true,
        "isAdmin": false,
        "isEmailVerified": true,
        "name": "made1",
        "orgCount": 0,
        "privateQuotaBytes": null,
        "privateUsedBytes": 0,
        "publicQuotaBytes": null,
        "publicUsedBytes": 0,
        "repoCount": 0,
        "sessionCount": 0,
        "sshKeyCount": 0,
        "tokenCount": 0,
      }
    `);
    const get = { app, user: admin, path: 'admin.users.get', input: { username: name } };
    expect(await trpcQuery(get)).toEqual(made);
    await hub.deps.sql.execute({
      text: 'update account set email_verified_at = null where name = $1',
      values: [name],
    });
    const unverified = { ...made.data, isEmailVerified: false };
    for (const [path, state] of [
      ['suspend', { ...unverified, isActive: false }],
      ['reinstate', unverified],
      ['verifyEmail', made.data],
      ['makeAdmin', { ...made.data, isAdmin: true }],
      ['unmakeAdmin', made.data],
    ] as const)
      expect([path, await act(path, { username: name })]).toEqual([path, { status: 200, data: state }]);
    expect(await act('delete', { username: name })).toEqual({ status: 200, data: undefined });
    expect(await trpcQuery(get)).toMatchObject({ status: 404, error: { domainCode: 'NotFound' } });
  });

  it('are searched, filtered and paged', async ({ app, world }) => {
    const admin = await world.admin();
    const search = world.name('many');
    const users = [await world.user(`${search}x`), await world.user(`${search}x`)];
    const list = { app, user: admin, path: 'admin.users.list' };
    const { name } = await world.user();
    expect(steady(await trpcQuery({ ...list, input: { search: name } }))).toMatchInlineSnapshot(`
      {
        "data": {
          "items": [
            {
              "createdAt": "<date>",
              "email": "user1@example.test",
              "fullName": null,
              "id": "<id>",
              "isActive": true,
              "isAdmin": false,
              "isEmailVerified": true,
              "name": "user1",
              "privateQuotaBytes": null,
              "privateUsedBytes": 0,
              "publicQuotaBytes": null,
              "publicUsedBytes": 0,
            },
          ],
          "nextCursor": null,
          "total": 1,
        },
        "status": 200,
      }
    `);
    const first = await trpcQuery({ ...list, input: { search, limit: 1 } });
    expect(first.data).toMatchObject({ items: [{ name: users[1]!.name }], total: 2 });
    const { nextCursor: cursor } = first.data;
    const second = await trpcQuery({ ...list, input: { search, limit: 1, cursor } });
    expect(second.data).toMatchObject({ items: [{ name: users[0]!.name }], nextCursor: null });
    expect((await trpcQuery({ ...list, input: { search, isAdmin: true } })).data.total).toBe(0);
  });

  it('are logged out', async ({ hub, app, world }) => {
    const [admin, user] = [await world.admin(), await world.user()];
    // What was used is written behind the requests.
    await hub.deps.auth.tokenUse.flush();
    const list = { app, user: admin, path: 'admin.logins.list', input: { username: user.name } };
    const logins = await trpcQuery(list);
    expect(steady(logins.data)).toMatchInlineSnapshot(`
      {
        "sessions": [],
        "sshKeys": [],
        "tokens": [
          {
            "createdAt": "<date>",
            "expiresAt": null,
            "id": "<id>",
            "lastUsedAt": "<date>",
            "name": "test",
            "role": "write",
          },
        ],
      }
    `);
    const end = (input: object) =>
      trpcMutation({ ...list, path: 'admin.logins.end', input: { username: user.name, ...input } });
    const [{ id }] = logins.data.tokens;
    expect((await end({ kind: 'tokens', id })).data).toEqual({ count: 1 });
    expect((await end({ kind: 'tokens', id })).error?.domainCode).toBe('NotFound');
    expect((await end({ kind: 'ssh-keys' })).data).toEqual({ count: 0 });
  });
});

it('admin.orgs that nobody leads get a super-admin', async ({ hub, app, world }) => {
  const [admin, owner, heir] = [await world.admin(), await world.user(), await world.user()];
  const org = await world.org(owner);
  await hub.services().adminUsers.suspend(admin.actor, owner.name);
  const list = {
    app,
    user: admin,
    path: 'admin.organizations.list',
    input: { search: org, isAbandoned: true },
  };
  expect(steady((await trpcQuery(list)).data)).toMatchInlineSnapshot(`
    {
      "items": [
        {
          "activeSuperAdminCount": 0,
          "createdAt": "<date>",
          "fullName": null,
          "id": "<id>",
          "memberCount": 1,
          "name": "org1",
          "privateQuotaBytes": null,
          "privateUsedBytes": 0,
          "publicQuotaBytes": null,
          "publicUsedBytes": 0,
        },
      ],
      "nextCursor": null,
    }
  `);
  const input = { organization: org, username: heir.name };
  const appoint = { app, user: admin, path: 'admin.organizations.appoint', input };
  expect(await trpcMutation(appoint)).toEqual({ status: 200, data: undefined });
  expect((await trpcMutation(appoint)).error?.domainCode).toBe('Conflict');
  expect((await trpcQuery(list)).data.items).toEqual([]);
});

it('admin.repos are listed, shut and deleted', async ({ app, world }) => {
  const [admin, owner] = [await world.admin(), await world.user()];
  const { namespace, name } = await world.repo(owner, { isPrivate: true });
  const list = { app, user: admin, path: 'admin.repos.list', input: { namespace, visibility: 'private' } };
  const listed = await trpcQuery(list);
  expect(listed.data).toEqual({
    items: [
      {
        id: expect.any(Number),
        type: 'model',
        fullName: `${namespace}/${name}`,
        visibility: 'private',
        isGated: false,
        isDisabled: false,
        usedBytes: expect.any(Number),
        quotaBytes: null,
        createdAt: expect.stringMatching(/Z$/),
        lastModifiedAt: expect.stringMatching(/Z$/),
      },
    ],
    nextCursor: null,
  });
  const ref = { repo: { name: `${namespace}/${name}` } };
  const shut = { app, user: admin, path: 'admin.repos.setDisabled', input: { ...ref, isDisabled: true } };
  expect((await trpcMutation(shut)).data).toEqual({ ...listed.data.items[0], isDisabled: true });
  expect((await trpcQuery({ ...list, input: { namespace, isDisabled: true } })).data.items).toHaveLength(1);
  const remove = { app, user: admin, path: 'admin.repos.delete', input: ref };
  expect(await trpcMutation(remove)).toEqual({ status: 200, data: undefined });
  expect((await trpcMutation(remove)).error?.domainCode).toBe('RepoNotFound');
});

it('admin.invitations of anybody are listed and cancelled', async ({ hub, app, world }) => {
  const [admin, owner] = [await world.admin(), await world.user()];
  const org = await world.org(owner);
  const terms = { email: null, maxUsage: 3, expiresInDays: 7 };
  await hub.services().invitations.createForOrg(owner.actor, org, { role: 'member', ...terms });
  const list = { app, user: admin, path: 'admin.invitations.list', input: { action: 'join_org', limit: 1 } };
  const listed = await trpcQuery(list);
  expect(steady(listed.data)).toMatchInlineSnapshot(`
    {
      "items": [
        {
          "action": "join_org",
          "createdAt": "<date>",
          "email": null,
          "expiresAt": "<date>",
          "id": "<id>",
          "inviterName": "user1",
          "isExpired": false,
          "lastUsedAt": null,
          "maxUsage": 3,
          "organization": "org2",
          "problem": null,
          "role": "member",
          "usageCount": 0,
        },
      ],
      "nextCursor": null,
    }
  `);
  const cancel = {
    app,
    user: admin,
    path: 'admin.invitations.cancel',
    input: { id: listed.data.items[0].id },
  };
  expect(await trpcMutation(cancel)).toEqual({ status: 200, data: undefined });
  expect((await trpcMutation(cancel)).error?.domainCode).toBe('NotFound');
});

it('admin.audit tells who did what', async ({ hub, app, world }) => {
  const [admin, user] = [await world.admin(), await world.user()];
  await hub.services().adminUsers.suspend(admin.actor, user.name, 'spam');
  const ask = async (path: string, input?: object) =>
    (await trpcQuery({ app, user: admin, path: `admin.${path}`, input })).data;
  const filter = { action: 'user.suspend', subjectKind: 'user', subjectName: user.name };
  const since = new Date(Date.now() - 60_000).toISOString();
  expect(steady(await ask('audit', { ...filter, since }))).toMatchInlineSnapshot(`
    {
      "items": [
        {
          "action": "user.suspend",
          "actorName": "admin1",
          "address": null,
          "at": "<date>",
          "details": {
            "reason": "spam",
          },
          "id": "<id>",
          "subjectKind": "user",
          "subjectName": "user2",
        },
      ],
      "nextCursor": null,
    }
  `);
  expect((await ask('audit', { ...filter, until: since })).items).toEqual([]);
});
