import { describe, expect } from 'vitest';
import { countStatements } from '../../support/count-statements.ts';
import { graphql, steady } from '../../support/graphql.ts';
import { it } from '../../support/it.ts';

const CREATE = `mutation ($input: CreateRepoInput!) {
  createRepo(input: $input) {
    __typename
    ... on Repo { type fullName visibility }
    ... on DomainError { code message }
  }
}`;

describe('repos', () => {
  it('are listed with owners, likes, last commits and quotas in at most 8 statements', async ({
    hub,
    app,
    world,
  }) => {
    const owner = await world.user();
    const org = await world.org(owner);
    for (let n = 0; n < 10; n++) {
      await world.repo(owner);
      await world.repo(owner, { namespace: org });
    }
    const query = `{
      repos(first: 20) {
        edges {
          node {
            fullName likesCount isLiked owner { __typename name } headCommit { title }
            quota { usedBytes namespaceUsedBytes }
          }
        }
        pageInfo { hasNextPage }
      }
    }`;
    let result = await graphql(app, owner, query);
    const count = await countStatements(hub, async () => {
      result = await graphql(app, owner, query);
    });
    expect(result.errors).toBeUndefined();
    expect(result.data.repos.edges).toHaveLength(20);
    expect(count).toBeLessThanOrEqual(8);
  });
});

describe('createRepo', () => {
  it('answers with the repository, or with why not', async ({ app, world }) => {
    const owner = await world.user();
    const input = { name: 'abc', type: 'DATASET' };
    expect(steady(await graphql(app, owner, CREATE, { input }))).toMatchInlineSnapshot(`
      {
        "data": {
          "createRepo": {
            "__typename": "Repo",
            "fullName": "user1/abc",
            "type": "DATASET",
            "visibility": "PUBLIC",
          },
        },
      }
    `);
    expect(steady(await graphql(app, owner, CREATE, { input }))).toMatchInlineSnapshot(`
      {
        "data": {
          "createRepo": {
            "__typename": "RepoExistsError",
            "code": "RepoExists",
            "message": "A dataset repository called user1/abc already exists",
          },
        },
      }
    `);
  });
});

describe('deleteRepo', () => {
  const DELETE = `mutation ($name: String!) {
    deleteRepo(input: { repo: { name: $name } }) { ... on Deleted { id } ... on DomainError { code } }
  }`;

  it('answers with the id of the node', async ({ app, world }) => {
    const owner = await world.user();
    const { namespace, name: ownName } = await world.repo(owner);
    const name = `${namespace}/${ownName}`;
    const found = await graphql(app, owner, 'query ($name: String!) { repo(name: $name) { id } }', { name });
    expect(await graphql(app, owner, DELETE, { name })).toEqual({
      data: { deleteRepo: { id: found.data.repo.id } },
    });
  });

  it('asks the anonymous for a login, whether or not there is something', async ({ app, world }) => {
    const { namespace, name } = await world.repo(await world.user());
    for (const each of [`${namespace}/${name}`, `${namespace}/missing`]) {
      expect(await graphql(app, null, DELETE, { name: each })).toEqual({
        data: { deleteRepo: { code: 'Unauthenticated' } },
      });
    }
  });
});

it('shows the settings that updateRepoSettings changes', async ({ app, world }) => {
  const owner = await world.user();
  const { namespace, name } = await world.repo(owner);
  const repo = { name: `${namespace}/${name}` };
  const update = `mutation ($input: UpdateRepoSettingsInput!) {
    updateRepoSettings(input: $input) {
      ... on Repo { visibility gated lfsThresholdBytes lfsKeepVersions lfsSuffixRules }
    }
  }`;
  const settings = { lfsThresholdBytes: 5_000_000, lfsKeepVersions: 3, lfsSuffixRules: ['.bin'] };
  const set = { visibility: 'PRIVATE', gated: 'MANUAL', ...settings };
  expect(await graphql(app, owner, update, { input: { repo, ...set } })).toEqual({
    data: { updateRepoSettings: set },
  });
  const reset = { gated: null, lfsThresholdBytes: null, lfsKeepVersions: null, lfsSuffixRules: null };
  expect(await graphql(app, owner, update, { input: { repo, ...reset } })).toEqual({
    data: { updateRepoSettings: { visibility: 'PRIVATE', ...reset } },
  });
});
