import { describe, expect } from 'vitest';
import { countStatements } from '../../support/count-statements.ts';
import { graphql, steady } from '../../support/graphql.ts';
import { it } from '../../support/it.ts';

const USER = `
  __typename
  ... on AdminUser {
    name fullName email isEmailVerified isActive isAdmin createdAt
    privateQuotaBytes publicQuotaBytes privateUsedBytes publicUsedBytes
    user { name }
    holdings { repos organizations sessions tokens sshKeys }
  }
  ... on DomainError { code message }`;
const STATE =
  '__typename ... on AdminUser { isActive isAdmin isEmailVerified } ... on DomainError { code message }';
const DELETED = '__typename ... on Deleted { id } ... on DomainError { code message }';

/** An act with one input. */
function act(name: string, answer: string): string {
  return `mutation ($input: ${name[0]!.toUpperCase()}${name.slice(1)}Input!) { act: ${name}(input: $input) { ${answer} } }`;
}

/** Acts on one user share their inputs. */
function actOnUser(name: string, input = 'AdminUserInput'): string {
  return `mutation ($input: ${input}!) { act: ${name}(input: $input) { ${STATE} } }`;
}

/** The whole result when logins were ended. */
function endedLogins(count: number) {
  return { data: { act: { __typename: 'EndLoginsPayload', count } } };
}

describe('admin', () => {
  it('is for administrators of the hub', async ({ app, world }) => {
    const query = '{ admin { userCount } }';
    for (const [caller, code] of [
      [null, 'Unauthenticated'],
      [await world.user(), 'Forbidden'],
    ] as const) {
      const { data, errors } = await graphql(app, caller, query);
      expect(data).toEqual({ admin: null });
      expect(errors).toMatchObject([{ path: ['admin'], extensions: { code } }]);
    }
    const { data } = await graphql(app, await world.admin(), query);
    expect(data.admin.userCount).toBeGreaterThanOrEqual(2);
  });
});

describe('users', () => {
  it('are made, suspended, raised and deleted', async ({ app, world }) => {
    const admin = await world.admin();
    const name = world.name('made');
    const input = { username: name, password: 'correct horse battery', email: `${name}@example.test` };
    const made = await graphql(app, admin, act('adminCreateUser', USER), { input });
    expect(steady(made)).toMatchInlineSnapshot(`
      {
        "data": {
          "act": {
            "__typename": "AdminUser",
            "createdAt": "<date>",
            "email": "made1@example.test",
            "fullName": null,
            "holdings": {
              "organizations": 0,
              "repos": 0,
              "sessions": 0,
              "sshKeys": 0,
              "tokens": 0,
            },
            "isActive": true,
            "isAdmin": false,
            "isEmailVerified": true,
            "name": "made1",
            "privateQuotaBytes": null,
            "privateUsedBytes": 0,
            "publicQuotaBytes": null,
            "publicUsedBytes": 0,
            "user": {
              "name": "made1",
            },
          },
        },
      }
    `);
    const again = await graphql(app, admin, act('adminCreateUser', USER), { input });
    expect(again.data.act).toMatchObject({ __typename: 'ConflictError', code: 'Conflict' });
    const states = [];
    for (const [mutation, type] of [
      ['adminSuspendUser', 'AdminUserVerdictInput'],
      ['adminReinstateUser', 'AdminUserVerdictInput'],
      ['adminVerifyEmail', 'AdminUserInput'],
      ['adminMakeAdmin', 'AdminUserInput'],
      ['adminUnmakeAdmin', 'AdminUserInput'],
    ] as const) {
      const result = await graphql(app, admin, actOnUser(mutation, type), { input: { username: name } });
      states.push([mutation, result]);
    }
    expect(states).toMatchInlineSnapshot(`
      [
        [
          "adminSuspendUser",
          {
            "data": {
              "act": {
                "__typename": "AdminUser",
                "isActive": false,
                "isAdmin": false,
                "isEmailVerified": true,
              },
            },
          },
        ],
        [
          "adminReinstateUser",
          {
            "data": {
              "act": {
                "__typename": "AdminUser",
                "isActive": true,
                "isAdmin": false,
                "isEmailVerified": true,
              },
            },
          },
        ],
        [
          "adminVerifyEmail",
          {
            "data": {
              "act": {
                "__typename": "AdminUser",
                "isActive": true,
                "isAdmin": false,
                "isEmailVerified": true,
              },
            },
          },
        ],
        [
          "adminMakeAdmin",
          {
            "data": {
              "act": {
                "__typename": "AdminUser",
                "isActive": true,
                "isAdmin": true,
                "isEmailVerified": true,
              },
            },
          },
        ],
        [
          "adminUnmakeAdmin",
          {
            "data": {
              "act": {
                "__typename": "AdminUser",
                "isActive": true,
                "isAdmin": false,
                "isEmailVerified": true,
              },
            },
          },
        ],
      ]
    `);
    const deleteUser = act('adminDeleteUser', DELETED);
    const gone = await graphql(app, admin, deleteUser, { input: { username: name } });
    expect(steady(gone)).toMatchInlineSnapshot(`
      {
        "data": {
          "act": {
            "__typename": "Deleted",
            "id": "<User>",
          },
        },
      }
    `);
    const missing = await graphql(app, admin, deleteUser, { input: { username: name } });
    expect(missing.data.act).toMatchObject({ code: 'NotFound' });
  });

  it('are searched, filtered and paged, with what they have, in 7 statements', async ({
    hub,
    app,
    world,
  }) => {
    const admin = await world.admin();
    const prefix = world.name('many');
    const users = [];
    for (let n = 0; n < 20; n++) users.push(await world.user(`${prefix}x`));
    await world.repo(users[0]!);
    await hub.services().adminUsers.suspend(admin.actor, users[1]!.name);
    const query = `query ($filter: AdminUserFilter, $after: String) { admin {
      userCount(filter: $filter)
      users(first: 15, after: $after, filter: $filter) {
        edges { node { ${USER.replace('... on DomainError { code message }', '')} } } pageInfo { hasNextPage endCursor }
      }
    } }`;
    const filter = { search: prefix.toUpperCase() };
    let result = await graphql(app, admin, query, { filter });
    const count = await countStatements(hub, async () => {
      result = await graphql(app, admin, query, { filter });
    });
    const { userCount, users: page } = result.data.admin;
    expect(userCount).toBe(20);
    expect(page.edges.map(({ node }: { node: { name: string } }) => node.name)).toEqual(
      users
        .map(({ name }) => name)
        .toReversed()
        .slice(0, 15),
    );
    const rest = await graphql(app, admin, query, { filter, after: page.pageInfo.endCursor });
    const last = rest.data.admin.users.edges.at(-1).node;
    expect(last).toMatchObject({
      name: users[0]!.name,
      user: { name: users[0]!.name },
      holdings: { repos: 1, organizations: 0, sessions: 0, tokens: 1, sshKeys: 0 },
    });
    const suspended = await graphql(app, admin, query, { filter: { ...filter, isActive: false } });
    const { name } = users[1]!;
    const shown = {
      __typename: 'AdminUser',
      name,
      fullName: null,
      email: `${name}@example.test`,
      isEmailVerified: true,
      isActive: false,
      isAdmin: false,
      createdAt: expect.any(String) as string,
      privateQuotaBytes: null,
      publicQuotaBytes: null,
      privateUsedBytes: 0,
      publicUsedBytes: 0,
      user: { name },
      holdings: { repos: 0, organizations: 0, sessions: 0, tokens: 1, sshKeys: 0 },
    };
    const pageInfo = { hasNextPage: false, endCursor: expect.any(String) as string };
    expect(suspended).toEqual({
      data: { admin: { userCount: 1, users: { edges: [{ node: shown }], pageInfo } } },
    });
    // The caller; the list and its count, for the page and for the count; profiles and holdings.
    expect(count).toBeLessThanOrEqual(7);
  });

  it('are found by their names', async ({ app, world }) => {
    const [admin, user] = [await world.admin(), await world.user()];
    const query = 'query ($name: String!) { admin { user(name: $name) { name email } } }';
    expect(await graphql(app, admin, query, { name: user.name })).toEqual({
      data: { admin: { user: { name: user.name, email: `${user.name}@example.test` } } },
    });
    const missing = await graphql(app, admin, query, { name: 'nobody-of-this-name' });
    expect(missing).toMatchObject({
      data: { admin: { user: null } },
      errors: [{ extensions: { code: 'NotFound' } }],
    });
  });

  it('are logged out: all of a kind, or one', async ({ hub, app, world }) => {
    const [admin, user] = [await world.admin(), await world.user()];
    await world.readToken(user);
    // What was used is written behind the requests.
    await hub.deps.auth.tokenUse.flush();
    const query = `query ($username: String!) { admin { logins(username: $username) {
      sessions { id userAgent createdAt expiresAt }
      tokens { id name role createdAt lastUsedAt expiresAt }
      sshKeys { id title keyType fingerprint createdAt lastUsedAt }
    } } }`;
    const logins = await graphql(app, admin, query, { username: user.name });
    expect(steady(logins)).toMatchInlineSnapshot(`
      {
        "data": {
          "admin": {
            "logins": {
              "sessions": [],
              "sshKeys": [],
              "tokens": [
                {
                  "createdAt": "<date>",
                  "expiresAt": null,
                  "id": "<AdminToken>",
                  "lastUsedAt": "<date>",
                  "name": "read only",
                  "role": "READ",
                },
                {
                  "createdAt": "<date>",
                  "expiresAt": null,
                  "id": "<AdminToken>",
                  "lastUsedAt": "<date>",
                  "name": "test",
                  "role": "WRITE",
                },
              ],
            },
          },
        },
      }
    `);
    const end = act(
      'adminEndLogins',
      '__typename ... on EndLoginsPayload { count } ... on DomainError { code }',
    );
    const [{ id }] = logins.data.admin.logins.tokens;
    const ended = (input: object) =>
      graphql(app, admin, end, { input: { username: user.name, kind: 'TOKENS', ...input } });
    expect((await ended({ id, kind: 'SESSIONS' })).data.act).toMatchObject({ code: 'BadRequest' });
    expect(await ended({ id })).toEqual(endedLogins(1));
    expect((await ended({ id })).data.act).toMatchObject({ code: 'NotFound' });
    expect(await ended({})).toEqual(endedLogins(1));
    expect(await ended({ kind: 'SSH_KEYS' })).toEqual(endedLogins(0));
  });
});

describe('organizations', () => {
  it('that nobody leads get a super-admin', async ({ hub, app, world }) => {
    const [admin, owner, heir] = [await world.admin(), await world.user(), await world.user()];
    const org = await world.org(owner);
    const query = `query ($search: String, $isAbandoned: Boolean!) { admin {
      organizations(search: $search, isAbandoned: $isAbandoned) { edges { node {
        name fullName memberCount activeSuperAdminCount organization { name }
        privateUsedBytes privateQuotaBytes publicUsedBytes publicQuotaBytes
      } } }
    } }`;
    const appoint = act(
      'adminAppointSuperAdmin',
      '__typename ... on Organization { name memberCount } ... on DomainError { code }',
    );
    const input = { organization: org, username: heir.name };
    const refused = await graphql(app, admin, appoint, { input });
    expect(refused.data.act).toEqual({ __typename: 'ConflictError', code: 'Conflict' });
    const none = await graphql(app, admin, query, { search: org, isAbandoned: true });
    expect(none.data.admin.organizations.edges).toEqual([]);
    await hub.services().adminUsers.suspend(admin.actor, owner.name);
    const abandoned = await graphql(app, admin, query, { search: org, isAbandoned: true });
    expect(steady(abandoned)).toMatchInlineSnapshot(`
      {
        "data": {
          "admin": {
            "organizations": {
              "edges": [
                {
                  "node": {
                    "activeSuperAdminCount": 0,
                    "fullName": null,
                    "memberCount": 1,
                    "name": "org1",
                    "organization": {
                      "name": "org1",
                    },
                    "privateQuotaBytes": null,
                    "privateUsedBytes": 0,
                    "publicQuotaBytes": null,
                    "publicUsedBytes": 0,
                  },
                },
              ],
            },
          },
        },
      }
    `);
    const appointed = await graphql(app, admin, appoint, { input });
    expect(appointed).toEqual({ data: { act: { __typename: 'Organization', name: org, memberCount: 2 } } });
  });
});

describe('repositories', () => {
  it('are listed without their contents, shut, opened and deleted', async ({ app, world }) => {
    const [admin, owner] = [await world.admin(), await world.user()];
    const secret = await world.repo(owner, { name: 'secret', isPrivate: true });
    await world.repo(owner, { name: 'open', type: 'dataset' });
    const query = `query ($filter: AdminRepoFilter, $sort: AdminRepoSort!) { admin {
      repos(filter: $filter, sort: $sort) { edges { node {
        type fullName visibility isGated isDisabled quotaBytes createdAt lastModifiedAt repo { fullName }
      } } }
    } }`;
    const filter = { namespace: owner.name };
    const listed = await graphql(app, admin, query, { filter, sort: 'CREATED' });
    expect(steady(listed)).toMatchInlineSnapshot(`
      {
        "data": {
          "admin": {
            "repos": {
              "edges": [
                {
                  "node": {
                    "createdAt": "<date>",
                    "fullName": "user1/open",
                    "isDisabled": false,
                    "isGated": false,
                    "lastModifiedAt": "<date>",
                    "quotaBytes": null,
                    "repo": {
                      "fullName": "user1/open",
                    },
                    "type": "DATASET",
                    "visibility": "PUBLIC",
                  },
                },
                {
                  "node": {
                    "createdAt": "<date>",
                    "fullName": "user1/secret",
                    "isDisabled": false,
                    "isGated": false,
                    "lastModifiedAt": "<date>",
                    "quotaBytes": null,
                    "repo": null,
                    "type": "MODEL",
                    "visibility": "PRIVATE",
                  },
                },
              ],
            },
          },
        },
      }
    `);
    const hidden = await graphql(app, admin, query, {
      filter: { ...filter, visibility: 'PRIVATE', type: 'MODEL', isDisabled: false, search: 'SECR' },
      sort: 'USED',
    });
    expect(hidden.data.admin.repos.edges).toHaveLength(1);
    const repo = { name: `${secret.namespace}/${secret.name}` };
    const setDisabled = act(
      'adminSetRepoDisabled',
      '__typename ... on AdminRepo { fullName isDisabled } ... on DomainError { code }',
    );
    for (const isDisabled of [true, false]) {
      expect(await graphql(app, admin, setDisabled, { input: { repo, isDisabled } })).toEqual({
        data: { act: { __typename: 'AdminRepo', fullName: repo.name, isDisabled } },
      });
    }
    const deleteRepo = act('adminDeleteRepo', DELETED);
    expect(steady(await graphql(app, admin, deleteRepo, { input: { repo } }))).toMatchInlineSnapshot(`
      {
        "data": {
          "act": {
            "__typename": "Deleted",
            "id": "<Repo>",
          },
        },
      }
    `);
    const missing = await graphql(app, admin, deleteRepo, { input: { repo } });
    expect(missing.data.act).toMatchObject({ code: 'RepoNotFound' });
  });
});

it('invitations of anybody are listed and cancelled', async ({ hub, app, world }) => {
  const [admin, owner] = [await world.admin(), await world.user()];
  const org = await world.org(owner);
  const terms = { email: null, maxUsage: 3, expiresInDays: 7 };
  await hub.services().invitations.createForOrg(owner.actor, org, { role: 'member', ...terms });
  const query = `{ admin { invitations(first: 1, action: JOIN_ORG) { edges { node {
    id action organization { name } role email inviterName maxUsage usageCount problem isExpired lastUsedAt
  } } } } }`;
  const listed = await graphql(app, admin, query);
  expect(steady(listed)).toMatchInlineSnapshot(`
    {
      "data": {
        "admin": {
          "invitations": {
            "edges": [
              {
                "node": {
                  "action": "JOIN_ORG",
                  "email": null,
                  "id": "<Invitation>",
                  "inviterName": "user2",
                  "isExpired": false,
                  "lastUsedAt": null,
                  "maxUsage": 3,
                  "organization": {
                    "name": "org1",
                  },
                  "problem": null,
                  "role": "MEMBER",
                  "usageCount": 0,
                },
              },
            ],
          },
        },
      },
    }
  `);
  const { id } = listed.data.admin.invitations.edges[0].node;
  const cancel = act('adminCancelInvitation', DELETED);
  expect(await graphql(app, admin, cancel, { input: { id } })).toEqual({
    data: { act: { __typename: 'Deleted', id } },
  });
  const again = await graphql(app, admin, cancel, { input: { id } });
  expect(again.data.act).toMatchObject({ code: 'NotFound' });
});

it('the audit log is filtered and paged', async ({ hub, app, world }) => {
  const [admin, user] = [await world.admin(), await world.user()];
  const since = new Date();
  const { adminUsers } = hub.services();
  await adminUsers.suspend(admin.actor, user.name, 'spam');
  await adminUsers.reinstate(admin.actor, user.name);
  const query = `query ($filter: AuditFilter, $after: String) { admin {
    auditLog(first: 1, after: $after, filter: $filter) {
      edges { node { at actorName action subjectKind subjectName details } } pageInfo { hasNextPage endCursor }
    }
  } }`;
  const filter = { actorName: admin.name, subjectName: user.name, subjectKind: 'USER', since };
  const newest = await graphql(app, admin, query, { filter });
  expect(steady(newest)).toMatchInlineSnapshot(`
    {
      "data": {
        "admin": {
          "auditLog": {
            "edges": [
              {
                "node": {
                  "action": "USER_REINSTATE",
                  "actorName": "admin1",
                  "at": "<date>",
                  "details": {
                    "reason": null,
                  },
                  "subjectKind": "USER",
                  "subjectName": "user2",
                },
              },
            ],
            "pageInfo": {
              "endCursor": "<cursor>",
              "hasNextPage": true,
            },
          },
        },
      },
    }
  `);
  const { endCursor } = newest.data.admin.auditLog.pageInfo;
  const older = await graphql(app, admin, query, { filter, after: endCursor });
  expect(steady(older)).toMatchInlineSnapshot(`
    {
      "data": {
        "admin": {
          "auditLog": {
            "edges": [
              {
                "node": {
                  "action": "USER_SUSPEND",
                  "actorName": "admin1",
                  "at": "<date>",
                  "details": {
                    "reason": "spam",
                  },
                  "subjectKind": "USER",
                  "subjectName": "user2",
                },
              },
            ],
            "pageInfo": {
              "endCursor": "<cursor>",
              "hasNextPage": false,
            },
          },
        },
      },
    }
  `);
  const suspended = await graphql(app, admin, query, { filter: { ...filter, action: 'USER_SUSPEND' } });
  expect(suspended.data.admin.auditLog.edges).toHaveLength(1);
  const before = await graphql(app, admin, query, { filter: { ...filter, until: since } });
  expect(before.data.admin.auditLog.edges).toEqual([]);
  for (const moment of ['-271821-04-20T00:00:00Z', '1', '2026-01-31', '2026-02-30T12:00:00Z']) {
    const { data, errors } = await graphql(app, admin, query, { filter: { since: moment } });
    expect(data).toBeUndefined();
    expect(errors?.[0]).toMatchObject({
      message: expect.stringContaining('DateTime: expected a moment') as string,
      extensions: { code: 'BadRequest' },
    });
  }
  const withOffset = await graphql(app, admin, query, { filter: { since: '2026-01-31T12:00:00+02:00' } });
  expect(withOffset.errors).toBeUndefined();
});
