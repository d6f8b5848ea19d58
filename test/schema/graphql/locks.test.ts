import { describe, expect } from 'vitest';
import { countStatements } from '../../support/count-statements.ts';
import { graphql, steady } from '../../support/graphql.ts';
import { it } from '../../support/it.ts';
import { fullName } from './full-name.ts';

const LOCK = `mutation ($input: LockFileInput!) {
  lockFile(input: $input) {
    __typename
    ... on FileLock { id path ownerName owner { name } lockedAt }
    ... on DomainError { code message }
  }
}`;
const UNLOCK = `mutation ($input: UnlockFileInput!) {
  unlockFile(input: $input) { __typename ... on FileLock { path ownerName } ... on DomainError { code message } }
}`;
const LOCKS = `query ($name: String!, $path: String, $first: Int, $after: String) {
  repo(name: $name) {
    locks(path: $path, first: $first, after: $after) {
      edges { node { path owner { name } } }
      pageInfo { hasNextPage endCursor }
    }
  }
}`;

describe('locks', () => {
  it('are made, listed and ended', async ({ app, world }) => {
    const owner = await world.user();
    const repo = await world.repo(owner);
    const input = { repo: { name: fullName(repo) }, path: 'a.psd' };
    const made = await graphql(app, owner, LOCK, { input });
    const { id } = made.data.lockFile;
    expect(steady(made)).toMatchInlineSnapshot(`
      {
        "data": {
          "lockFile": {
            "__typename": "FileLock",
            "id": "<FileLock>",
            "lockedAt": "<date>",
            "owner": {
              "name": "user1",
            },
            "ownerName": "user1",
            "path": "a.psd",
          },
        },
      }
    `);
    expect(steady(await graphql(app, owner, LOCK, { input }))).toMatchInlineSnapshot(`
      {
        "data": {
          "lockFile": {
            "__typename": "ConflictError",
            "code": "Conflict",
            "message": "This file is locked by user1 since <date>.",
          },
        },
      }
    `);
    expect(steady(await graphql(app, null, LOCKS, { name: fullName(repo) }))).toMatchInlineSnapshot(`
      {
        "data": {
          "repo": {
            "locks": {
              "edges": [
                {
                  "node": {
                    "owner": {
                      "name": "user1",
                    },
                    "path": "a.psd",
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
    const end = { repo: input.repo, id };
    expect(steady(await graphql(app, owner, UNLOCK, { input: end }))).toMatchInlineSnapshot(`
      {
        "data": {
          "unlockFile": {
            "__typename": "FileLock",
            "ownerName": "user1",
            "path": "a.psd",
          },
        },
      }
    `);
    expect(steady(await graphql(app, owner, UNLOCK, { input: end }))).toMatchInlineSnapshot(`
      {
        "data": {
          "unlockFile": {
            "__typename": "NotFoundError",
            "code": "NotFound",
            "message": "There is no such lock. Look with "git lfs locks".",
          },
        },
      }
    `);
  });

  it('page, and are narrowed by path', async ({ app, hub, world }) => {
    const owner = await world.user();
    const repo = await world.repo(owner);
    const input = (path: string) => ({ repo: { name: fullName(repo) }, path });
    for (const path of ['a', 'b', 'c']) await graphql(app, owner, LOCK, { input: input(path) });
    const look = async (variables: object, user = owner) =>
      graphql(app, user, LOCKS, { name: fullName(repo), ...variables });
    const paths = (result: Awaited<ReturnType<typeof look>>) =>
      result.data.repo.locks.edges.map(({ node }: { node: { path: string } }) => node.path);
    const first = await look({ first: 2 });
    const after = first.data.repo.locks.pageInfo.endCursor;
    expect([paths(first), paths(await look({ first: 2, after }))]).toEqual([['a', 'b'], ['c']]);
    expect(paths(await look({ path: 'b' }))).toEqual(['b']);
    await hub.services().repos.updateSettings(owner.actor, repo, { gated: 'auto' });
    const { data, errors } = await look({}, await world.user());
    expect([data.repo.locks, errors?.[0]?.extensions?.['code']]).toEqual([null, 'GatedRepo']);
  });

  it('of 20 repositories are read in at most 4 statements, without those that the reader may not see', async ({
    app,
    hub,
    world,
  }) => {
    const [owner, guest] = [await world.user(), await world.user()];
    const repos = await Promise.all(Array.from({ length: 20 }, () => world.repo(owner)));
    for (const repo of repos) {
      for (const path of ['a', repo.name, 'z'])
        await graphql(app, owner, LOCK, { input: { repo: { name: fullName(repo) }, path } });
    }
    const gated = repos[7]!;
    await hub.services().repos.updateSettings(owner.actor, gated, { gated: 'auto' });
    const query = `{ repos(first: 20) { edges { node {
      name
      locks(first: 2) { edges { node { path owner { name } } } pageInfo { hasNextPage } }
    } } } }`;
    let result = await graphql(app, guest, query);
    const count = await countStatements(hub, async () => {
      result = await graphql(app, guest, query);
    });
    const { edges } = result.data.repos;
    expect(edges).toHaveLength(20);
    for (const { node } of edges) {
      const locked = ['a', node.name].map((path) => ({ node: { path, owner: { name: owner.name } } }));
      const locks = { edges: locked, pageInfo: { hasNextPage: true } };
      expect(node.locks).toEqual(node.name === gated.name ? null : locks);
    }
    expect(result.errors).toMatchObject([{ extensions: { code: 'GatedRepo' } }]);
    // The login, the repositories, the locks, and their owners.
    expect(count).toBeLessThanOrEqual(4);
  });

  it('of others end by force of an administrator', async ({ app, world }) => {
    const owner = await world.user();
    const member = await world.user();
    const org = await world.org(owner, [{ user: member, role: 'member' }]);
    const repo = { name: fullName(await world.repo(owner, { namespace: org })) };
    const { id } = (await graphql(app, owner, LOCK, { input: { repo, path: 'a' } })).data.lockFile;
    const end = async (user: typeof owner, isForced: boolean) =>
      (await graphql(app, user, UNLOCK, { input: { repo, id, isForced } })).data.unlockFile;
    expect((await end(member, true)).code).toBe('Forbidden');
    const other = (await graphql(app, member, LOCK, { input: { repo, path: 'b' } })).data.lockFile.id;
    const forced = { input: { repo, id: other, isForced: true } };
    expect((await graphql(app, owner, UNLOCK, forced)).data.unlockFile.ownerName).toBe(member.name);
  });
});
