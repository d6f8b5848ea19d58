import { describe, expect } from 'vitest';
import { countStatements } from '../../support/count-statements.ts';
import { graphql, steady } from '../../support/graphql.ts';
import { it } from '../../support/it.ts';

const LIKED = `__typename ... on Repo { likesCount isLiked } ... on DomainError { code message }`;
const LIKE = `mutation ($repo: RepoRefInput!) { likeRepo(input: { repo: $repo }) { ${LIKED} } }`;
const UNLIKE = `mutation ($repo: RepoRefInput!) { unlikeRepo(input: { repo: $repo }) { ${LIKED} } }`;

describe('likes', () => {
  it('are given and taken back', async ({ app, world }) => {
    const [owner, fan] = [await world.user(), await world.user()];
    const { namespace, name } = await world.repo(owner);
    const repo = { name: `${namespace}/${name}` };
    const liked = { data: { likeRepo: { __typename: 'Repo', likesCount: 1, isLiked: true } } };
    expect(await graphql(app, fan, LIKE, { repo })).toEqual(liked);
    expect(await graphql(app, fan, LIKE, { repo })).toEqual(liked);
    expect(await graphql(app, fan, UNLIKE, { repo })).toEqual({
      data: { unlikeRepo: { __typename: 'Repo', likesCount: 0, isLiked: false } },
    });
  });

  it('are told anew after each mutation of an operation', async ({ app, world }) => {
    const [owner, fan] = [await world.user(), await world.user()];
    const { namespace, name } = await world.repo(owner);
    const repo = { name: `${namespace}/${name}` };
    const both = `mutation ($repo: RepoRefInput!) {
      likeRepo(input: { repo: $repo }) { ${LIKED} }
      unlikeRepo(input: { repo: $repo }) { ${LIKED} }
    }`;
    expect(await graphql(app, fan, both, { repo })).toEqual({
      data: {
        likeRepo: { __typename: 'Repo', likesCount: 1, isLiked: true },
        unlikeRepo: { __typename: 'Repo', likesCount: 0, isLiked: false },
      },
    });
  });

  it('are paged, newest first', async ({ hub, app, world }) => {
    const owner = await world.user();
    const repo = await world.repo(owner);
    const fans = [await world.user(), await world.user(), await world.user()];
    for (const fan of fans) await hub.services().likes.like(fan.actor, repo);
    const query = `query ($name: String!, $after: String) { repo(name: $name) {
      likers(first: 2, after: $after) { edges { node { user { name } } } pageInfo { hasNextPage endCursor } }
    } }`;
    const name = `${repo.namespace}/${repo.name}`;
    const page = async (after: string | null) =>
      (await graphql(app, null, query, { name, after })).data.repo.likers;
    const first = await page(null);
    const last = await page(first.pageInfo.endCursor);
    const names = [...first.edges, ...last.edges].map(
      ({ node }: { node: { user: { name: string } } }) => node.user.name,
    );
    expect(names).toEqual(fans.map((fan) => fan.name).toReversed());
    expect([first.pageInfo.hasNextPage, last.pageInfo.hasNextPage]).toEqual([true, false]);
  });

  it('of what is hidden are of what is missing', async ({ app, world }) => {
    const owner = await world.user();
    const { namespace, name } = await world.repo(owner, { isPrivate: true });
    const hidden = await graphql(app, await world.user(), LIKE, { repo: { name: `${namespace}/${name}` } });
    const missing = await graphql(app, await world.user(), LIKE, { repo: { name: `${namespace}/x` } });
    expect(hidden).toEqual(missing);
    expect(hidden.data.likeRepo).toMatchObject({ __typename: 'RepoNotFoundError', code: 'RepoNotFound' });
  });

  it('are listed from both sides, newest first, as far as the caller may see', async ({
    hub,
    app,
    world,
  }) => {
    const [owner, fan] = [await world.user('owner'), await world.user('fan')];
    const org = await world.org(owner, [{ user: fan, role: 'visitor' }]);
    const first = await world.repo(owner, { namespace: org, name: 'first' });
    const secret = await world.repo(owner, { namespace: org, name: 'secret', isPrivate: true });
    const { likes } = hub.services();
    for (const ref of [first, secret]) await likes.like(fan.actor, ref);
    await likes.like(owner.actor, first);
    const query = `query ($user: String!, $repo: String!) {
      user(name: $user) { likes(first: 5) { edges { node { likedAt repo { fullName } user { name } } } } }
      repo(name: $repo) { likers(first: 5) { edges { node { likedAt user { name } } } pageInfo { hasNextPage } } }
    }`;
    const variables = { user: fan.name, repo: `${org}/first` };
    expect(steady(await graphql(app, fan, query, variables))).toMatchInlineSnapshot(`
      {
        "data": {
          "repo": {
            "likers": {
              "edges": [
                {
                  "node": {
                    "likedAt": "<date>",
                    "user": {
                      "name": "owner3",
                    },
                  },
                },
                {
                  "node": {
                    "likedAt": "<date>",
                    "user": {
                      "name": "fan2",
                    },
                  },
                },
              ],
              "pageInfo": {
                "hasNextPage": false,
              },
            },
          },
          "user": {
            "likes": {
              "edges": [
                {
                  "node": {
                    "likedAt": "<date>",
                    "repo": {
                      "fullName": "org1/secret",
                    },
                    "user": {
                      "name": "fan2",
                    },
                  },
                },
                {
                  "node": {
                    "likedAt": "<date>",
                    "repo": {
                      "fullName": "org1/first",
                    },
                    "user": {
                      "name": "fan2",
                    },
                  },
                },
              ],
            },
          },
        },
      }
    `);
    const anonymous = await graphql(app, null, query, variables);
    expect(steady(anonymous.data.user)).toMatchInlineSnapshot(`
      {
        "likes": {
          "edges": [
            {
              "node": {
                "likedAt": "<date>",
                "repo": {
                  "fullName": "org1/first",
                },
                "user": {
                  "name": "fan2",
                },
              },
            },
          ],
        },
      }
    `);
  });
});

it('likers of 20 repositories, and what they like, are read in at most 6 statements', async ({
  hub,
  app,
  world,
}) => {
  const [owner, fan] = [await world.user(), await world.user()];
  const { likes } = hub.services();
  for (let n = 0; n < 20; n++) await likes.like(fan.actor, await world.repo(owner));
  const query = `query ($namespace: String!) { repos(first: 20, filter: { namespace: $namespace }) { edges { node {
    likesCount isLiked
    likers(first: 3) { edges { node { user { name likes(first: 3) { edges { node { likedAt } } } } } } }
  } } } }`;
  let result = await graphql(app, fan, query, { namespace: owner.name });
  const count = await countStatements(hub, async () => {
    result = await graphql(app, fan, query, { namespace: owner.name });
  });
  expect(result.errors).toBeUndefined();
  expect(result.data.repos.edges).toHaveLength(20);
  for (const { node } of result.data.repos.edges) {
    expect(node).toMatchObject({ likesCount: 1, isLiked: true });
    const [liker, ...others] = node.likers.edges;
    expect(others).toEqual([]);
    expect(liker.node.user.name).toBe(fan.name);
    expect(liker.node.user.likes.edges).toHaveLength(3);
  }
  // The caller, the list, whether he likes them, the likers, their profiles, what they like.
  expect(count).toBeLessThanOrEqual(6);
});
