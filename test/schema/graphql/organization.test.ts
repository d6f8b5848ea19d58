import { describe, expect } from 'vitest';
import { countStatements } from '../../support/count-statements.ts';
import { graphql, steady } from '../../support/graphql.ts';
import { it } from '../../support/it.ts';

const ORGANIZATION = `
  __typename
  ... on Organization { name fullName description bio website socialLinks memberCount }
  ... on DomainError { code message }`;

const CREATE = `mutation ($input: CreateOrganizationInput!) { createOrganization(input: $input) { ${ORGANIZATION} } }`;
const UPDATE = `mutation ($input: UpdateOrganizationInput!) { updateOrganization(input: $input) { ${ORGANIZATION} } }`;
const RENAME = `mutation ($input: RenameOrganizationInput!) { renameOrganization(input: $input) { ${ORGANIZATION} } }`;
const DELETE = `mutation ($input: DeleteOrganizationInput!) {
  deleteOrganization(input: $input) { __typename ... on Deleted { id } ... on DomainError { code message } }
}`;

const MEMBERS = `
  __typename
  ... on Organization { memberCount members(first: 10) { edges { node { role user { name } } } } }
  ... on DomainError { code message }`;
const ADD = `mutation ($input: AddMemberInput!) { addMember(input: $input) { ${MEMBERS} } }`;
const CHANGE = `mutation ($input: ChangeMemberRoleInput!) { changeMemberRole(input: $input) { ${MEMBERS} } }`;
const REMOVE = `mutation ($input: RemoveMemberInput!) { removeMember(input: $input) { ${MEMBERS} } }`;

describe('an organization', () => {
  it('is made, described, renamed and deleted', async ({ app, world }) => {
    const user = await world.user();
    const name = world.name('org');
    const made = await graphql(app, user, CREATE, {
      input: { organization: name, description: 'What we do' },
    });
    expect(steady(made)).toMatchInlineSnapshot(`
      {
        "data": {
          "createOrganization": {
            "__typename": "Organization",
            "bio": null,
            "description": "What we do",
            "fullName": null,
            "memberCount": 1,
            "name": "org1",
            "socialLinks": null,
            "website": null,
          },
        },
      }
    `);
    const taken = await graphql(app, user, CREATE, { input: { organization: name } });
    expect(steady(taken)).toMatchInlineSnapshot(`
      {
        "data": {
          "createOrganization": {
            "__typename": "ConflictError",
            "code": "Conflict",
            "message": "The name "org1" is taken, or too like a name that is taken. Choose another one.",
          },
        },
      }
    `);
    const input = {
      organization: name,
      fullName: 'The Organization',
      description: null,
      website: 'https://example.com',
      socialLinks: { github: 'us' },
    };
    expect(steady(await graphql(app, user, UPDATE, { input }))).toMatchInlineSnapshot(`
      {
        "data": {
          "updateOrganization": {
            "__typename": "Organization",
            "bio": null,
            "description": null,
            "fullName": "The Organization",
            "memberCount": 1,
            "name": "org1",
            "socialLinks": {
              "github": "us",
            },
            "website": "https://example.com",
          },
        },
      }
    `);
    const to = world.name('org');
    expect(steady(await graphql(app, user, RENAME, { input: { organization: name, to } })))
      .toMatchInlineSnapshot(`
      {
        "data": {
          "renameOrganization": {
            "__typename": "Organization",
            "bio": null,
            "description": null,
            "fullName": "The Organization",
            "memberCount": 1,
            "name": "org1",
            "socialLinks": {
              "github": "us",
            },
            "website": "https://example.com",
          },
        },
      }
    `);
    await world.repo(user, { namespace: to, name: 'kept' });
    expect(steady(await graphql(app, user, DELETE, { input: { organization: to } }))).toMatchInlineSnapshot(`
      {
        "data": {
          "deleteOrganization": {
            "__typename": "ConflictError",
            "code": "Conflict",
            "message": "org1 still has 1 repositories. Move or delete them first: model org1/kept.",
          },
        },
      }
    `);
    const repo = { name: `${to}/kept` };
    const deleteRepo =
      'mutation ($repo: RepoRefInput!) { deleteRepo(input: { repo: $repo }) { __typename } }';
    await graphql(app, user, deleteRepo, { repo });
    expect(steady(await graphql(app, user, DELETE, { input: { organization: to } }))).toMatchInlineSnapshot(`
      {
        "data": {
          "deleteOrganization": {
            "__typename": "Deleted",
            "id": "<Organization>",
          },
        },
      }
    `);
  });

  it('takes no social links but an object of texts', async ({ app, world }) => {
    const user = await world.user();
    const name = await world.org(user);
    for (const socialLinks of [['a list'], { github: 7 }, 'text']) {
      const { data } = await graphql(app, user, UPDATE, { input: { organization: name, socialLinks } });
      expect(data.updateOrganization).toMatchObject({
        code: 'BadRequest',
        message: 'socialLinks: must be an object of texts.',
      });
    }
  });

  it('shows to each caller the repositories that he may see', async ({ app, world }) => {
    const owner = await world.user();
    const name = await world.org(owner);
    await world.repo(owner, { namespace: name, name: 'open' });
    await world.repo(owner, { namespace: name, name: 'closed', isPrivate: true });
    await world.repo(owner, { namespace: name, name: 'data', type: 'dataset' });
    const query = `query ($name: String!) {
      organization(name: $name) {
        repoCounts { models datasets spaces }
        repos { edges { node { fullName } } }
        datasets: repos(type: DATASET, sort: DOWNLOADS) { edges { node { fullName } } }
      }
    }`;
    expect(steady(await graphql(app, owner, query, { name }))).toMatchInlineSnapshot(`
      {
        "data": {
          "organization": {
            "datasets": {
              "edges": [
                {
                  "node": {
                    "fullName": "org1/data",
                  },
                },
              ],
            },
            "repoCounts": {
              "datasets": 1,
              "models": 2,
              "spaces": 0,
            },
            "repos": {
              "edges": [
                {
                  "node": {
                    "fullName": "org1/closed",
                  },
                },
                {
                  "node": {
                    "fullName": "org1/open",
                  },
                },
              ],
            },
          },
        },
      }
    `);
    expect(steady(await graphql(app, null, query, { name }))).toMatchInlineSnapshot(`
      {
        "data": {
          "organization": {
            "datasets": {
              "edges": [
                {
                  "node": {
                    "fullName": "org1/data",
                  },
                },
              ],
            },
            "repoCounts": {
              "datasets": 1,
              "models": 1,
              "spaces": 0,
            },
            "repos": {
              "edges": [
                {
                  "node": {
                    "fullName": "org1/open",
                  },
                },
              ],
            },
          },
        },
      }
    `);
  });
});

it('repositories of several namespaces are paged, each from its own place on', async ({ app, world }) => {
  const owner = await world.user();
  const org = await world.org(owner);
  for (const name of ['a', 'b', 'c']) {
    await world.repo(owner, { namespace: org, name });
    await world.repo(owner, { name });
  }
  const query = `query ($user: String!, $org: String!, $ofUser: String, $ofOrg: String) {
    user(name: $user) { repos(first: 2, sort: CREATED_AT, after: $ofUser) { ...Page } }
    organization(name: $org) { repos(first: 2, sort: CREATED_AT, after: $ofOrg) { ...Page } }
  }
  fragment Page on RepoConnection { edges { cursor node { fullName } } pageInfo { hasNextPage endCursor } }`;
  const page = async (after: { ofUser?: string; ofOrg?: string }) => {
    const { data } = await graphql(app, null, query, { user: owner.name, org, ...after });
    return { user: data.user.repos, org: data.organization.repos };
  };
  const first = await page({});
  expect(shown(first.user)).toEqual([`${owner.name}/c`, `${owner.name}/b`]);
  expect(shown(first.org)).toEqual([`${org}/c`, `${org}/b`]);
  const next = await page({ ofUser: first.user.pageInfo.endCursor, ofOrg: first.org.edges[0].cursor });
  expect(shown(next.user)).toEqual([`${owner.name}/a`]);
  expect(next.user.pageInfo.hasNextPage).toBe(false);
  expect(shown(next.org)).toEqual([`${org}/b`, `${org}/a`]);
});

describe('members', () => {
  it('are added, changed and removed', async ({ app, world }) => {
    const owner = await world.user();
    const friend = await world.user('friend');
    const organization = await world.org(owner);
    const input = { organization, username: friend.name, role: 'MEMBER' };
    expect(steady(await graphql(app, owner, ADD, { input }))).toMatchInlineSnapshot(`
      {
        "data": {
          "addMember": {
            "__typename": "Organization",
            "memberCount": 2,
            "members": {
              "edges": [
                {
                  "node": {
                    "role": "MEMBER",
                    "user": {
                      "name": "friend1",
                    },
                  },
                },
                {
                  "node": {
                    "role": "SUPER_ADMIN",
                    "user": {
                      "name": "user2",
                    },
                  },
                },
              ],
            },
          },
        },
      }
    `);
    expect(steady(await graphql(app, owner, ADD, { input }))).toMatchInlineSnapshot(`
      {
        "data": {
          "addMember": {
            "__typename": "ConflictError",
            "code": "Conflict",
            "message": "friend1 is already a member of org2.",
          },
        },
      }
    `);
    const changed = await graphql(app, owner, CHANGE, { input: { ...input, role: 'ADMIN' } });
    expect(steady(changed)).toMatchInlineSnapshot(`
      {
        "data": {
          "changeMemberRole": {
            "__typename": "Organization",
            "memberCount": 2,
            "members": {
              "edges": [
                {
                  "node": {
                    "role": "ADMIN",
                    "user": {
                      "name": "friend1",
                    },
                  },
                },
                {
                  "node": {
                    "role": "SUPER_ADMIN",
                    "user": {
                      "name": "user2",
                    },
                  },
                },
              ],
            },
          },
        },
      }
    `);
    const removed = await graphql(app, friend, REMOVE, {
      input: { organization, username: friend.name },
    });
    expect(steady(removed)).toMatchInlineSnapshot(`
      {
        "data": {
          "removeMember": {
            "__typename": "Organization",
            "memberCount": 1,
            "members": {
              "edges": [
                {
                  "node": {
                    "role": "SUPER_ADMIN",
                    "user": {
                      "name": "user1",
                    },
                  },
                },
              ],
            },
          },
        },
      }
    `);
    const last = await graphql(app, owner, REMOVE, { input: { organization, username: owner.name } });
    expect(last.data.removeMember).toMatchObject({ code: 'Conflict' });
  });

  it('are paged by name, each edge with a cursor', async ({ app, world }) => {
    const owner = await world.user('a');
    const members = await Promise.all(['b', 'c', 'd', 'e'].map((prefix) => world.user(prefix)));
    const name = await world.org(
      owner,
      members.map((user) => ({ user, role: 'member' as const })),
    );
    const query = `query ($name: String!, $after: String) {
      organization(name: $name) {
        members(first: 2, after: $after) { edges { cursor node { user { name } } } pageInfo { hasNextPage endCursor } }
      }
    }`;
    const page = async (after: string | null) =>
      (await graphql(app, null, query, { name, after })).data.organization.members;
    const all = [owner, ...members].map((user) => user.name);
    const first = await page(null);
    expect(namesOf(first)).toEqual(all.slice(0, 2));
    const second = await page(first.pageInfo.endCursor);
    expect(namesOf(second)).toEqual(all.slice(2, 4));
    expect(second.pageInfo.hasNextPage).toBe(true);
    expect(namesOf(await page(first.edges[0].cursor))).toEqual(all.slice(1, 3));
    const last = await page(second.pageInfo.endCursor);
    expect(namesOf(last)).toEqual(all.slice(4));
    expect(last.pageInfo.hasNextPage).toBe(false);
  });
});

it('20 organizations come with members, counts, quotas and repositories in 10 statements', async ({
  hub,
  app,
  world,
}) => {
  const owner = await world.user();
  const friend = await world.user();
  for (let n = 0; n < 20; n++) {
    const org = await world.org(owner, [{ user: friend, role: 'member' }]);
    await world.repo(owner, { namespace: org, isPrivate: n % 2 === 0 });
  }
  const query = `{
    viewer { user { organizations(first: 20) { edges { node {
      role
      organization {
        name description memberCount repoCounts { models }
        quota { seesPrivate privateUsedBytes publicUsedBytes }
        members(first: 5) { edges { node { role user { name } } } }
        repos(first: 5) { edges { node { fullName visibility } } }
      }
    } } } } }
  }`;
  let result = await graphql(app, friend, query);
  const count = await countStatements(hub, async () => {
    result = await graphql(app, friend, query);
  });
  expect(result.errors).toBeUndefined();
  const orgs = result.data.viewer.user.organizations.edges;
  expect(orgs).toHaveLength(20);
  for (const { node } of orgs) {
    expect(node.organization.members.edges).toHaveLength(2);
    expect(node).toMatchObject({
      role: 'MEMBER',
      organization: {
        memberCount: 2,
        repoCounts: { models: 1 },
        quota: { seesPrivate: true },
        repos: { edges: [{ node: { fullName: expect.stringMatching(`^${node.organization.name}/`) } }] },
      },
    });
  }
  // The caller, his profile, his memberships; the organizations, their facts, counts, quotas, members, repositories; the members' profiles.
  expect(count).toBeLessThanOrEqual(10);
});

function namesOf({ edges }: { edges: { node: { user: { name: string } } }[] }): string[] {
  return edges.map(({ node }) => node.user.name);
}

function shown({ edges }: { edges: { node: { fullName: string } }[] }): string[] {
  return edges.map(({ node }) => node.fullName);
}
