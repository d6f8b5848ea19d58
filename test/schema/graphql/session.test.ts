import { describe, expect } from 'vitest';
import { openBrowser } from '../../support/browser.ts';
import { graphql, type GraphqlResult, steady } from '../../support/graphql.ts';
import { it } from '../../support/it.ts';

const LIST = '{ viewer { sessions { edges { node { id userAgent isCurrent createdAt expiresAt } } } } }';
const END = `mutation ($input: EndSessionInput!) {
  endSession(input: $input) { __typename ... on Deleted { id } ... on DomainError { code message } }
}`;
const END_OTHERS = `mutation {
  endOtherSessions { __typename ... on EndOtherSessionsPayload { endedCount } ... on DomainError { code } }
}`;

describe('login', () => {
  it('answers with the user', async ({ app, world }) => {
    const { name: username, password } = await world.user();
    const browser = await openBrowser(app, null);
    const answer = await browser.graphql(
      `mutation ($input: LoginInput!) {
        login(input: $input) { __typename ... on LoginPayload { user { name } expiresAt } }
      }`,
      { input: { username, password } },
    );
    expect(steady(answer.json())).toMatchInlineSnapshot(`
      {
        "data": {
          "login": {
            "__typename": "LoginPayload",
            "expiresAt": "<date>",
            "user": {
              "name": "user1",
            },
          },
        },
      }
    `);
  });
});

describe('logout', () => {
  it('answers with the id of the session that it ended', async ({ app, world }) => {
    const browser = await openBrowser(app, await world.user());
    const { viewer } = (await browser.graphql(LIST)).json<GraphqlResult>().data;
    const { id } = viewer.sessions.edges[0].node;
    const document = 'mutation { logout { __typename ... on Deleted { id } ... on DomainError { code } } }';
    expect((await browser.graphql(document)).json()).toEqual({
      data: { logout: { __typename: 'Deleted', id } },
    });
    expect((await browser.graphql(LIST)).json()).toEqual({ data: { viewer: null } });
  });
});

describe('sessions', () => {
  it('are listed and ended by their owner', async ({ app, world }) => {
    const [user, other] = [await world.user(), await world.user()];
    const [first, second] = [await openBrowser(app, user), await openBrowser(app, user)];
    const listed = (await first.graphql(LIST)).json<GraphqlResult>();
    expect(steady(listed)).toMatchInlineSnapshot(`
      {
        "data": {
          "viewer": {
            "sessions": {
              "edges": [
                {
                  "node": {
                    "createdAt": "<date>",
                    "expiresAt": "<date>",
                    "id": "<Session>",
                    "isCurrent": false,
                    "userAgent": "lightMyRequest",
                  },
                },
                {
                  "node": {
                    "createdAt": "<date>",
                    "expiresAt": "<date>",
                    "id": "<Session>",
                    "isCurrent": true,
                    "userAgent": "lightMyRequest",
                  },
                },
              ],
            },
          },
        },
      }
    `);
    const { id } = listed.data.viewer.sessions.edges[0].node;
    const input = { id };
    expect((await graphql(app, other, END, { input })).data.endSession).toMatchObject({ code: 'NotFound' });
    expect((await first.graphql(END, { input })).json()).toEqual({
      data: { endSession: { __typename: 'Deleted', id } },
    });
    expect((await second.graphql('{ viewer { isAdmin } }')).json()).toEqual({ data: { viewer: null } });
    await openBrowser(app, user);
    expect((await first.graphql(END_OTHERS)).json()).toEqual({
      data: { endOtherSessions: { __typename: 'EndOtherSessionsPayload', endedCount: 1 } },
    });
    expect((await first.graphql('{ viewer { isAdmin } }')).json()).toEqual({
      data: { viewer: { isAdmin: false } },
    });
  });
});
