import { describe, expect } from 'vitest';
import { countStatements } from '../../support/count-statements.ts';
import { graphql, steady } from '../../support/graphql.ts';
import { it } from '../../support/it.ts';

const FIELDS = 'namespace seesPrivate publicUsedBytes publicQuotaBytes privateUsedBytes privateQuotaBytes';
const QUOTA = `
  __typename
  ... on NamespaceQuota { ${FIELDS} }
  ... on DomainError { code message }`;
const OF_REPO = `
  __typename
  ... on RepoQuota { repo { fullName } usedBytes quotaBytes namespaceUsedBytes namespaceQuotaBytes }
  ... on DomainError { code message }`;
const SET = `mutation ($input: SetNamespaceQuotaInput!) { setNamespaceQuota(input: $input) { ${QUOTA} } }`;
const RECOUNT = `mutation ($input: RecountNamespaceInput!) { recountNamespace(input: $input) { ${QUOTA} } }`;
const SET_REPO = `mutation ($input: SetRepoQuotaInput!) { setRepoQuota(input: $input) { ${OF_REPO} } }`;
const RECOUNT_REPO = `mutation ($input: RecountRepoInput!) { recountRepo(input: $input) { ${OF_REPO} } }`;

describe('limits', () => {
  it('of namespaces are set by administrators', async ({ app, world }) => {
    const [admin, user] = [await world.admin(), await world.user()];
    const input = { namespace: user.name, privateQuotaBytes: 1000, publicQuotaBytes: 2 ** 40 };
    expect(steady(await graphql(app, admin, SET, { input }))).toMatchInlineSnapshot(`
      {
        "data": {
          "setNamespaceQuota": {
            "__typename": "NamespaceQuota",
            "namespace": "user1",
            "privateQuotaBytes": 1000,
            "privateUsedBytes": 0,
            "publicQuotaBytes": 1099511627776,
            "publicUsedBytes": 0,
            "seesPrivate": true,
          },
        },
      }
    `);
    const partly = { namespace: user.name, privateQuotaBytes: null };
    expect(steady(await graphql(app, admin, SET, { input: partly }))).toMatchInlineSnapshot(`
      {
        "data": {
          "setNamespaceQuota": {
            "__typename": "NamespaceQuota",
            "namespace": "user1",
            "privateQuotaBytes": null,
            "privateUsedBytes": 0,
            "publicQuotaBytes": 1099511627776,
            "publicUsedBytes": 0,
            "seesPrivate": true,
          },
        },
      }
    `);
    const refused = await graphql(app, admin, SET, {
      input: { namespace: user.name, publicQuotaBytes: -1 },
    });
    expect(refused.data.setNamespaceQuota).toMatchObject({ code: 'BadRequest' });
  });

  it('of repositories are within those of the namespace', async ({ app, world }) => {
    const [admin, user] = [await world.admin(), await world.user()];
    const { namespace, name } = await world.repo(user, { name: 'abc' });
    await graphql(app, admin, SET, { input: { namespace, publicQuotaBytes: 1000 } });
    const repo = { name: `${namespace}/${name}` };
    const set = await graphql(app, user, SET_REPO, { input: { repo, quotaBytes: 900 } });
    expect(steady(set)).toMatchInlineSnapshot(`
      {
        "data": {
          "setRepoQuota": {
            "__typename": "RepoQuota",
            "namespaceQuotaBytes": 1000,
            "namespaceUsedBytes": 1519,
            "quotaBytes": 900,
            "repo": {
              "fullName": "user1/abc",
            },
            "usedBytes": 1519,
          },
        },
      }
    `);
    const tooMuch = await graphql(app, user, SET_REPO, { input: { repo, quotaBytes: 1001 } });
    expect(steady(tooMuch)).toMatchInlineSnapshot(`
      {
        "data": {
          "setRepoQuota": {
            "__typename": "BadRequestError",
            "code": "BadRequest",
            "message": "user1 may hold 1000 bytes, its repositories cannot be given more.",
          },
        },
      }
    `);
    const taken = await graphql(app, user, SET_REPO, { input: { repo, quotaBytes: null } });
    expect(taken.data.setRepoQuota).toMatchObject({ quotaBytes: null });
  });

  it('are counted anew', async ({ hub, app, world }) => {
    const user = await world.user();
    const { namespace, name } = await world.repo(user);
    const repo = { name: `${namespace}/${name}` };
    const before = (await hub.services().quotas.view(user.actor, namespace)).publicUsedBytes;
    await hub.deps.sql.execute({ text: `update repo set used_bytes = 7 where name = $1`, values: [name] });
    const ofRepo = await graphql(app, user, RECOUNT_REPO, { input: { repo } });
    expect(ofRepo).toEqual({
      data: {
        recountRepo: {
          __typename: 'RepoQuota',
          repo: { fullName: repo.name },
          usedBytes: before,
          quotaBytes: null,
          namespaceUsedBytes: before,
          namespaceQuotaBytes: null,
        },
      },
    });
    await hub.deps.sql.execute({
      text: `update account set public_used_bytes = 7 where name = $1`,
      values: [namespace],
    });
    const ofAll = await graphql(app, user, RECOUNT, { input: { namespace } });
    expect(ofAll).toEqual({
      data: {
        recountNamespace: {
          __typename: 'NamespaceQuota',
          namespace,
          seesPrivate: true,
          publicUsedBytes: before,
          publicQuotaBytes: null,
          privateUsedBytes: 0,
          privateQuotaBytes: null,
        },
      },
    });
  });
});

describe('storage', () => {
  const QUERY = `query ($name: String!) {
    user(name: $name) {
      quota { ${FIELDS} }
      storage {
        repoCount
        repos(first: 2) {
          edges { node { type name visibility quotaBytes repo { fullName logicalBytes } } }
          pageInfo { hasNextPage }
        }
      }
    }
  }`;

  it('is told to the people of a namespace, and its public half to everybody', async ({ app, world }) => {
    const [owner, admin] = [await world.user(), await world.admin()];
    const secret = await world.repo(owner, { name: 'secret', isPrivate: true });
    await world.commit(owner, secret, { 'a.txt': 'x'.repeat(5000) });
    const open = await world.repo(owner, { name: 'open' });
    await world.commit(owner, open, { 'a.txt': 'x'.repeat(3000) });
    await world.repo(owner, { name: 'small', type: 'dataset' });
    const own = await graphql(app, owner, QUERY, { name: owner.name });
    expect(own.errors).toBeUndefined();
    const { quota, storage } = own.data.user;
    expect(quota).toMatchObject({ seesPrivate: true });
    expect(quota.privateUsedBytes).toBeGreaterThan(5000);
    expect(steady(storage)).toMatchInlineSnapshot(`
      {
        "repoCount": 3,
        "repos": {
          "edges": [
            {
              "node": {
                "name": "secret",
                "quotaBytes": null,
                "repo": {
                  "fullName": "user1/secret",
                  "logicalBytes": 6519,
                },
                "type": "MODEL",
                "visibility": "PRIVATE",
              },
            },
            {
              "node": {
                "name": "open",
                "quotaBytes": null,
                "repo": {
                  "fullName": "user1/open",
                  "logicalBytes": 4519,
                },
                "type": "MODEL",
                "visibility": "PUBLIC",
              },
            },
          ],
          "pageInfo": {
            "hasNextPage": true,
          },
        },
      }
    `);
    for (const caller of [null, await world.user()]) {
      const { data, errors } = await graphql(app, caller, QUERY, { name: owner.name });
      expect(data.user).toEqual({
        quota: { ...quota, seesPrivate: false, privateUsedBytes: null, privateQuotaBytes: null },
        storage: null,
      });
      expect(errors).toMatchObject([
        { path: ['user', 'storage'], extensions: { code: caller ? 'Forbidden' : 'Unauthenticated' } },
      ]);
    }
    const byAdmin = await graphql(app, admin, QUERY, { name: owner.name });
    expect(byAdmin.data.user.quota).toEqual(quota);
    expect(byAdmin.data.user.storage.repos.edges[0].node).toMatchObject({ name: 'secret', repo: null });
  });

  it('of 20 repositories is read in two statements, with logical sizes and quotas', async ({
    hub,
    app,
    world,
  }) => {
    const owner = await world.user();
    for (let n = 0; n < 20; n++) await world.repo(owner);
    const query = `{ repos(first: 20) { edges { node {
      usedBytes logicalBytes owner { name quota { publicUsedBytes } }
    } } } }`;
    let result = await graphql(app, owner, query);
    const count = await countStatements(hub, async () => {
      result = await graphql(app, owner, query);
    });
    expect(result.data.repos.edges).toHaveLength(20);
    // The caller, the list, its owners, their quotas, the logical sizes.
    expect(count).toBeLessThanOrEqual(5);
  });
});
