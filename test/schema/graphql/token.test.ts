import { describe, expect } from 'vitest';
import { graphql, type GraphqlResult, steady } from '../../support/graphql.ts';
import { it } from '../../support/it.ts';

const CREATE = `mutation ($input: CreateTokenInput!) {
  createToken(input: $input) {
    __typename
    ... on CreateTokenPayload { id token expiresAt }
    ... on DomainError { code message }
  }
}`;
const DELETE = `mutation ($input: DeleteTokenInput!) {
  deleteToken(input: $input) { __typename ... on Deleted { id } ... on DomainError { code message } }
}`;
const LIST = `query ($first: Int, $after: String) {
  viewer {
    tokens(first: $first, after: $after) {
      edges { node { id name role lastUsedAt expiresAt createdAt } }
      pageInfo { hasNextPage endCursor }
    }
  }
}`;

describe('createToken', () => {
  it('shows a secret once, which works', async ({ hub, app, world }) => {
    const user = await world.user();
    const input = { name: 'laptop', role: 'READ', expiresInDays: 3 };
    const result = await graphql(app, user, CREATE, { input });
    expect(steady(result)).toMatchInlineSnapshot(`
      {
        "data": {
          "createToken": {
            "__typename": "CreateTokenPayload",
            "expiresAt": "<date>",
            "id": "<AccessToken>",
            "token": "<token>",
          },
        },
      }
    `);
    const { token } = result.data.createToken;
    // What was used is written behind the requests.
    await hub.deps.auth.tokenUse.flush();
    const own = await graphql(app, { ...user, headers: { authorization: `Bearer ${token}` } }, LIST);
    expect(JSON.stringify(own)).not.toContain(token);
    expect(steady(own)).toMatchInlineSnapshot(`
      {
        "data": {
          "viewer": {
            "tokens": {
              "edges": [
                {
                  "node": {
                    "createdAt": "<date>",
                    "expiresAt": "<date>",
                    "id": "<AccessToken>",
                    "lastUsedAt": null,
                    "name": "laptop",
                    "role": "READ",
                  },
                },
                {
                  "node": {
                    "createdAt": "<date>",
                    "expiresAt": null,
                    "id": "<AccessToken>",
                    "lastUsedAt": "<date>",
                    "name": "test",
                    "role": "WRITE",
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
  });

  it.for([
    [{ name: ' ' }, /^name: /],
    [{ name: 'x', expiresInDays: 0 }, /^A token is good for 1 to 3650 days/],
    [{ name: 'x', expiresInDays: 3651 }, /^A token is good for 1 to 3650 days/],
  ] as const)('refuses %j', async ([input, message], { app, world }) => {
    const { data } = await graphql(app, await world.user(), CREATE, { input });
    expect(data.createToken).toMatchObject({
      code: 'BadRequest',
      message: expect.stringMatching(message) as string,
    });
  });
});

describe('tokens', () => {
  it('are paged, newest first', async ({ app, world }) => {
    const user = await world.user();
    for (const name of ['b', 'c', 'd']) await graphql(app, user, CREATE, { input: { name } });
    const names: string[][] = [];
    for (let after: string | null = null, more = true; more;) {
      const page: GraphqlResult = await graphql(app, user, LIST, { first: 3, after });
      const { tokens } = page.data.viewer;
      names.push(tokens.edges.map(({ node }: { node: { name: string } }) => node.name));
      [after, more] = [tokens.pageInfo.endCursor, tokens.pageInfo.hasNextPage];
    }
    expect(names).toEqual([['d', 'c', 'b'], ['test']]);
  });

  it('of others are no nodes', async ({ app, world }) => {
    const [user, other] = [await world.user(), await world.user()];
    const { id } = (await graphql(app, user, CREATE, { input: { name: 'laptop' } })).data.createToken;
    const node = (viewer: typeof user) =>
      graphql(app, viewer, 'query ($id: ID!) { node(id: $id) { ... on AccessToken { name } } }', { id });
    expect(await node(user)).toEqual({ data: { node: { name: 'laptop' } } });
    expect(await node(other)).toEqual({ data: { node: null } });
  });
});

describe('deleteToken', () => {
  it('ends a token at once, and only one of his own', async ({ app, world }) => {
    const [user, other] = [await world.user(), await world.user()];
    const { id, token } = (await graphql(app, user, CREATE, { input: { name: 'laptop' } })).data.createToken;
    const remove = (viewer: typeof user, tokenId: string) =>
      graphql(app, viewer, DELETE, { input: { id: tokenId } });
    expect((await remove(other, id)).data.deleteToken).toMatchObject({ code: 'NotFound' });
    expect(await remove(user, id)).toEqual({ data: { deleteToken: { __typename: 'Deleted', id } } });
    const gone = await app.inject({ url: '/api/auth/me', headers: { authorization: `Bearer ${token}` } });
    expect(gone.statusCode).toBe(401);
    expect((await remove(user, btoa('Repo:1'))).data.deleteToken).toEqual({
      __typename: 'BadRequestError',
      code: 'BadRequest',
      message: 'id: this is no id of the type AccessToken.',
    });
  });
});
