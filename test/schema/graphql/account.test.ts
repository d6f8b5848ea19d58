import type { GraphQLObjectType } from 'graphql';
import { describe, expect } from 'vitest';
import { schema } from '../../../schema/graphql/schema.ts';
import { countStatements } from '../../support/count-statements.ts';
import { graphql, steady } from '../../support/graphql.ts';
import { it } from '../../support/it.ts';

const USER = `query ($name: String!) {
  user(name: $name) {
    name fullName likesCount repoCounts { models datasets spaces }
    organizations { edges { node { role organization { name } } } pageInfo { hasNextPage } }
  }
}`;

describe('user', () => {
  it('shows what the viewer may see', async ({ app, hub, world }) => {
    const [owner, fan, stranger] = [await world.user('owner'), await world.user('fan'), await world.user()];
    const org = await world.org(owner, [{ user: fan, role: 'member' }]);
    const secret = await world.repo(owner, { namespace: org, isPrivate: true });
    const open = await world.repo(fan);
    await world.repo(fan, { type: 'dataset', isPrivate: true });
    for (const ref of [secret, open]) await hub.services().likes.like(fan.actor, ref);
    const seen = async (viewer: typeof owner | null) =>
      (await graphql(app, viewer, USER, { name: fan.name })).data.user;
    expect(steady(await graphql(app, fan, USER, { name: fan.name }))).toMatchInlineSnapshot(`
      {
        "data": {
          "user": {
            "fullName": null,
            "likesCount": 2,
            "name": "fan1",
            "organizations": {
              "edges": [
                {
                  "node": {
                    "organization": {
                      "name": "org2",
                    },
                    "role": "MEMBER",
                  },
                },
              ],
              "pageInfo": {
                "hasNextPage": false,
              },
            },
            "repoCounts": {
              "datasets": 1,
              "models": 1,
              "spaces": 0,
            },
          },
        },
      }
    `);
    const forStrangers = { likesCount: 1, repoCounts: { models: 1, datasets: 0, spaces: 0 } };
    expect(await seen(stranger)).toMatchObject(forStrangers);
    expect(await seen(null)).toMatchObject(forStrangers);
    expect(await seen(owner)).toMatchObject({ ...forStrangers, likesCount: 2 });
  });

  it('pages through organizations', async ({ app, world }) => {
    const user = await world.user();
    const orgs = [await world.org(user), await world.org(user), await world.org(user)].toSorted();
    const query = `query ($name: String!, $after: String) {
      user(name: $name) {
        organizations(first: 2, after: $after) {
          edges { node { organization { name } } }
          pageInfo { endCursor hasNextPage }
        }
      }
    }`;
    const names: string[] = [];
    let page: { endCursor: string | null; hasNextPage: boolean } = { endCursor: null, hasNextPage: true };
    while (page.hasNextPage) {
      const result = await graphql(app, null, query, { name: user.name, after: page.endCursor });
      const { edges, pageInfo } = result.data.user.organizations;
      names.push(
        ...edges.map((edge: { node: { organization: { name: string } } }) => edge.node.organization.name),
      );
      page = pageInfo;
    }
    expect(names).toEqual(orgs);
  });

  it('is told of in a list by a statement for each kind of thing, whatever its length', async ({
    app,
    hub,
    world,
  }) => {
    const users = await Promise.all([world.user(), world.user(), world.user(), world.user()]);
    for (const user of users) {
      await world.org(user);
      await world.repo(user);
    }
    const query = `query ($ids: [ID!]!) {
      nodes(ids: $ids) {
        ... on User {
          likesCount repoCounts { models } organizations { edges { node { role organization { name } } } }
        }
      }
    }`;
    const ids = users.map(({ actor }) => btoa(`User:${actor.kind === 'user' && actor.id}`));
    const count = async (shown: readonly string[]) =>
      countStatements(hub, async () => {
        const { data } = await graphql(app, null, query, { ids: shown });
        expect(
          data.nodes.every(
            ({ organizations }: { organizations: { edges: unknown[] } }) => organizations.edges.length === 1,
          ),
        ).toBe(true);
      });
    expect(await count(ids)).toBe(await count(ids.slice(0, 1)));
  });

  it('has no field that only its owner may know', () => {
    const fields = Object.keys((schema.getType('User') as GraphQLObjectType).getFields());
    expect(
      fields.filter((name) => /mail|session|token|key|password|admin|credential|invitation/i.test(name)),
    ).toEqual([]);
  });
});
