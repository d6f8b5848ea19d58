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

it('repos shows a page of repositories', async ({ app, world }) => {
  const owner = await world.user();
  await world.repo(owner, { name: 'older' });
  const newer = await world.repo(owner, { name: 'newer' });
  await world.commit(owner, newer, { 'README.md': '---\nlicense: mit\n---\n' });
  const query = `query ($namespace: String!) {
    repos(filter: { namespace: $namespace }, sort: CREATED_AT, first: 1) {
      edges { cursor node { id fullName type visibility tags likesCount isLiked owner { name } headCommit { title } } }
      pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    }
  }`;
  const page = await graphql(app, owner, query, { namespace: owner.name });
  expect(steady(page)).toMatchInlineSnapshot(`
    {
      "data": {
        "repos": {
          "edges": [
            {
              "cursor": "<cursor>",
              "node": {
                "fullName": "user1/newer",
                "headCommit": {
                  "title": "Change files",
                },
                "id": "<Repo>",
                "isLiked": false,
                "likesCount": 0,
                "owner": {
                  "name": "user1",
                },
                "tags": [
                  "license:mit",
                ],
                "type": "MODEL",
                "visibility": "PUBLIC",
              },
            },
          ],
          "pageInfo": {
            "endCursor": "<cursor>",
            "hasNextPage": true,
            "hasPreviousPage": false,
            "startCursor": "<cursor>",
          },
        },
      },
    }
  `);
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

describe('repo', () => {
  const EVERYTHING = `query ($name: String!) {
    repo(name: $name) {
      id type namespace name fullName url visibility gated isDisabled usedBytes downloads downloadsAllTime likesCount trendingScore
      sdk card tags pipelineTag libraryName parameterCount headOid lastModifiedAt createdAt isLiked
      owner { __typename name fullName bio website socialLinks createdAt avatarUrl }
      quota { usedBytes quotaBytes namespaceUsedBytes namespaceQuotaBytes }
      headCommit { oid title body authorName authorEmail userName committedAt parents }
    }
  }`;

  it('shows everything of itself', async ({ app, world }) => {
    const owner = await world.user();
    const { namespace, name } = await world.repo(owner);
    const card =
      '---\nlicense: mit\npipeline_tag: text-generation\nlibrary_name: transformers\ntags: [tiny]\n---\n# Hi\n';
    await world.commit(owner, { type: 'model', namespace, name }, { 'README.md': card });
    const shown = await graphql(app, owner, EVERYTHING, { name: `${namespace}/${name}` });
    expect(steady(shown)).toMatchInlineSnapshot(`
      {
        "data": {
          "repo": {
            "card": {
              "library_name": "transformers",
              "license": "mit",
              "pipeline_tag": "text-generation",
              "tags": [
                "tiny",
              ],
            },
            "createdAt": "<date>",
            "downloads": 0,
            "downloadsAllTime": 0,
            "fullName": "user1/repo2",
            "gated": null,
            "headCommit": {
              "authorEmail": "user1@users.noreply.hub.test",
              "authorName": "user1",
              "body": "",
              "committedAt": "<date>",
              "oid": "<oid>",
              "parents": [
                "<oid>",
              ],
              "title": "Change files",
              "userName": "user1",
            },
            "headOid": "<oid>",
            "id": "<Repo>",
            "isDisabled": false,
            "isLiked": false,
            "lastModifiedAt": "<date>",
            "libraryName": "transformers",
            "likesCount": 0,
            "name": "repo2",
            "namespace": "user1",
            "owner": {
              "__typename": "User",
              "avatarUrl": "http://hub.test/api/users/user1/avatar",
              "bio": null,
              "createdAt": "<date>",
              "fullName": null,
              "name": "user1",
              "socialLinks": null,
              "website": null,
            },
            "parameterCount": null,
            "pipelineTag": "text-generation",
            "quota": {
              "namespaceQuotaBytes": null,
              "namespaceUsedBytes": 1615,
              "quotaBytes": null,
              "usedBytes": 1615,
            },
            "sdk": null,
            "tags": [
              "transformers",
              "text-generation",
              "tiny",
              "license:mit",
            ],
            "trendingScore": 0,
            "type": "MODEL",
            "url": "http://hub.test/user1/repo2",
            "usedBytes": 1615,
            "visibility": "PUBLIC",
          },
        },
      }
    `);
  });

  it('is the same nothing when it is hidden, missing, or has no name', async ({ app, world }) => {
    const { namespace, name } = await world.repo(await world.user(), { isPrivate: true });
    const ask = (of: string) =>
      graphql(app, null, 'query ($name: String!) { repo(name: $name) { id } }', { name: of });
    const hidden = await ask(`${namespace}/${name}`);
    expect(hidden).toEqual(await ask(`${namespace}/missing`));
    expect(hidden.errors![0]!.extensions!['code']).toBe('RepoNotFound');
    expect((await ask('one-part')).errors![0]!.extensions!['code']).toBe('BadRequest');
  });

  it('answers to a former name with where it is', async ({ app, world }) => {
    const owner = await world.user();
    const { namespace, name } = await world.repo(owner);
    const [from, to] = [`${namespace}/${name}`, `${namespace}/${world.name('moved')}`];
    const move = `mutation ($input: MoveRepoInput!) { moveRepo(input: $input) { __typename ... on Repo { fullName } ... on DomainError { code } } }`;
    expect(await graphql(app, owner, move, { input: { repo: { name: from }, to } })).toEqual({
      data: { moveRepo: { __typename: 'Repo', fullName: to } },
    });
    const found = await graphql(app, owner, 'query ($name: String!) { repo(name: $name) { id } }', {
      name: from,
    });
    expect(found.errors![0]!.extensions).toMatchObject({
      code: 'RepoMoved',
      namespace,
      name: to.split('/')[1],
    });
    expect(await graphql(app, owner, move, { input: { repo: { name: to }, to } })).toEqual({
      data: { moveRepo: { __typename: 'RepoExistsError', code: 'RepoExists' } },
    });
  });
});

function namesOf({ edges }: { readonly edges: readonly { readonly node: { readonly name: string } }[] }) {
  return edges.map(({ node }) => node.name);
}

describe('pages of repos', () => {
  const PAGE = `query ($namespace: String!, $first: Int, $after: String) {
    repos(filter: { namespace: $namespace }, sort: CREATED_AT, first: $first, after: $after) {
      edges { cursor node { name } }
      pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    }
  }`;

  it('go on behind any edge, and end', async ({ app, world }) => {
    const owner = await world.user();
    const names: string[] = [];
    for (let n = 0; n < 5; n++) names.unshift((await world.repo(owner)).name);
    const page = async (variables: object) =>
      (await graphql(app, null, PAGE, { namespace: owner.name, ...variables })).data.repos;
    const first = await page({ first: 3 });
    expect(namesOf(first)).toEqual(names.slice(0, 3));
    expect(first.pageInfo).toMatchObject({ hasNextPage: true, hasPreviousPage: false });
    for (const [index, { cursor }] of first.edges.entries()) {
      const next = await page({ first: 2, after: cursor });
      expect(namesOf(next)).toEqual(names.slice(index + 1, index + 3));
      expect(next.pageInfo.hasNextPage).toBe(index < 2);
      const rest = await page({ first: 100, after: next.pageInfo.endCursor });
      expect(namesOf(rest)).toEqual(names.slice(index + 3));
    }
    const last = await page({ first: 5 });
    expect(last.pageInfo).toMatchObject({ hasNextPage: false, startCursor: last.edges[0].cursor });
    expect(namesOf(await page({ after: last.pageInfo.endCursor }))).toEqual([]);
  });

  it.for([
    { first: 0 },
    { first: 101 },
    { first: -1 },
    { after: '' },
    { after: 'x' },
    { after: 'WyJ4IiwwXQ' },
  ])('refuse %j', async (variables, { app }) => {
    const refused = await graphql(app, null, PAGE, { namespace: 'nobody', ...variables });
    expect(refused.errors![0]!.extensions!['code']).toBe('BadRequest');
  });
});

function repoNamed(name: string) {
  return { __typename: 'Repo', name };
}

it('finds repositories and their owners by global id, and shows hidden ones to their people only', async ({
  app,
  world,
}) => {
  const owner = await world.user();
  const open = await world.repo(owner);
  const hidden = await world.repo(owner, { isPrivate: true });
  const ids: string[] = [];
  for (const { name } of [open, hidden]) {
    const query = 'query ($name: String!) { repo(name: $name) { id owner { ... on User { id } } } }';
    const { data } = await graphql(app, owner, query, { name: `${owner.name}/${name}` });
    ids.push(data.repo.id, data.repo.owner.id);
  }
  const ask =
    'query ($ids: [ID!]!) { nodes(ids: $ids) { __typename ... on Repo { name } ... on User { name } } }';
  const user = { __typename: 'User', name: owner.name };
  expect(await graphql(app, owner, ask, { ids })).toEqual({
    data: { nodes: [repoNamed(open.name), user, repoNamed(hidden.name), user] },
  });
  expect(await graphql(app, null, ask, { ids })).toEqual({
    data: { nodes: [repoNamed(open.name), user, null, user] },
  });
  const one = await graphql(app, null, 'query ($id: ID!) { node(id: $id) { id } }', { id: ids[2] });
  expect(one).toEqual({ data: { node: null } });
});
