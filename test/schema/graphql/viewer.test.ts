import { describe, expect } from 'vitest';
import { countStatements } from '../../support/count-statements.ts';
import { graphql, steady } from '../../support/graphql.ts';
import { it } from '../../support/it.ts';

const VIEWER = `{
  viewer {
    user { __typename name } isAdmin account { email isEmailVerified }
    deletion { repos organizations redirects }
    organizations { edges { node { role organization { name } } } }
  }
}`;

describe('viewer', () => {
  it('is nobody without a login', async ({ app }) => {
    expect(await graphql(app, null, VIEWER)).toEqual({ data: { viewer: null } });
  });

  it('shows what is his', async ({ app, world }) => {
    const [user, other] = [await world.user(), await world.user('other')];
    await world.org(user);
    await world.org(other, [{ user, role: 'admin' }]);
    await world.repo(user, { type: 'dataset' });
    expect(steady(await graphql(app, user, VIEWER))).toMatchInlineSnapshot(`
      {
        "data": {
          "viewer": {
            "account": {
              "email": "user1@example.test",
              "isEmailVerified": true,
            },
            "deletion": {
              "organizations": [
                "org3",
              ],
              "redirects": [],
              "repos": [
                "dataset user1/repo2",
              ],
            },
            "isAdmin": false,
            "organizations": {
              "edges": [
                {
                  "node": {
                    "organization": {
                      "name": "org3",
                    },
                    "role": "SUPER_ADMIN",
                  },
                },
                {
                  "node": {
                    "organization": {
                      "name": "org4",
                    },
                    "role": "ADMIN",
                  },
                },
              ],
            },
            "user": {
              "__typename": "User",
              "name": "user1",
            },
          },
        },
      }
    `);
  });

  it('reads all of his lists with a statement each', async ({ app, hub, world }) => {
    const user = await world.user();
    for (let n = 0; n < 3; n++) {
      await world.org(user);
      await world.readToken(user);
    }
    const query = `{
      viewer {
        organizations { edges { node { organization { name } } } }
        tokens { edges { node { name } } } sessions { edges { node { isCurrent } } } sshKeys { edges { node { title } } }
      }
    }`;
    let result = await graphql(app, user, query);
    const count = await countStatements(hub, async () => {
      result = await graphql(app, user, query);
    });
    expect(result.data.viewer.organizations.edges).toHaveLength(3);
    expect(result.data.viewer.tokens.edges).toHaveLength(4);
    // Who is calling, memberships and their organizations, tokens, sessions, keys.
    expect(count).toBeLessThanOrEqual(6);
  });
});
