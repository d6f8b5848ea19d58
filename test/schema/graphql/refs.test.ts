import { describe, expect } from 'vitest';
import { parseRepoPath } from '../../../src/git/path.ts';
import { countStatements } from '../../support/count-statements.ts';
import { graphql, steady } from '../../support/graphql.ts';
import { it } from '../../support/it.ts';
import { fullName } from './full-name.ts';

const REFS = `query ($name: String!, $first: Int, $after: String) {
  repo(name: $name) {
    refs {
      branches(first: $first, after: $after) {
        edges { node { name refName commitOid commit { title } repo { fullName } } }
        pageInfo { hasNextPage endCursor }
      }
      tags { edges { node { name refName commit { title } } } }
      pullRequests { edges { node { name refName commit { title } } } }
      converts { edges { node { name } } }
    }
  }
}`;

const CREATE_BRANCH = `mutation ($input: CreateBranchInput!) {
  createBranch(input: $input) {
    __typename
    ... on Ref { name refName commitOid commit { title } repo { fullName } }
    ... on DomainError { code message }
  }
}`;
const DELETE_BRANCH = `mutation ($input: DeleteBranchInput!) {
  deleteBranch(input: $input) { __typename ... on DeleteRefPayload { refName } ... on DomainError { code message } }
}`;
const CREATE_TAG = `mutation ($input: CreateTagInput!) {
  createTag(input: $input) { __typename ... on Ref { name refName commit { title } } ... on DomainError { code message } }
}`;
const DELETE_TAG = `mutation ($input: DeleteTagInput!) {
  deleteTag(input: $input) { __typename ... on DeleteRefPayload { refName } ... on DomainError { code message } }
}`;

describe('Repo.refs', () => {
  it('are branches, tags and pull requests', async ({ app, hub, world }) => {
    const owner = await world.user();
    const repo = await world.repo(owner);
    const { refs, commits } = hub.services();
    await refs.createBranch(owner.actor, repo, 'dev', null);
    await refs.createTag(owner.actor, repo, { name: 'v1', revision: 'main', message: 'The first' });
    await commits.commit(owner.actor, repo, 'main', {
      title: 'Propose',
      description: '',
      parentCommit: null,
      createsPullRequest: true,
      operations: [{ kind: 'file', path: parseRepoPath('a'), bytes: Buffer.from('a') }],
    });
    expect(steady(await graphql(app, null, REFS, { name: fullName(repo) }))).toMatchInlineSnapshot(`
      {
        "data": {
          "repo": {
            "refs": {
              "branches": {
                "edges": [
                  {
                    "node": {
                      "commit": {
                        "title": "initial commit",
                      },
                      "commitOid": "<oid>",
                      "name": "dev",
                      "refName": "refs/heads/dev",
                      "repo": {
                        "fullName": "user1/repo2",
                      },
                    },
                  },
                  {
                    "node": {
                      "commit": {
                        "title": "initial commit",
                      },
                      "commitOid": "<oid>",
                      "name": "main",
                      "refName": "refs/heads/main",
                      "repo": {
                        "fullName": "user1/repo2",
                      },
                    },
                  },
                ],
                "pageInfo": {
                  "endCursor": "<cursor>",
                  "hasNextPage": false,
                },
              },
              "converts": {
                "edges": [],
              },
              "pullRequests": {
                "edges": [
                  {
                    "node": {
                      "commit": {
                        "title": "Propose",
                      },
                      "name": "1",
                      "refName": "refs/pr/1",
                    },
                  },
                ],
              },
              "tags": {
                "edges": [
                  {
                    "node": {
                      "commit": {
                        "title": "initial commit",
                      },
                      "name": "v1",
                      "refName": "refs/tags/v1",
                    },
                  },
                ],
              },
            },
          },
        },
      }
    `);
  });

  it('go on behind a cursor, and take the same few statements for many', async ({ app, hub, world }) => {
    const owner = await world.user();
    const repo = await world.repo(owner);
    const names = Array.from({ length: 25 }, (_, i) => `b${10 + i}`);
    for (const name of names) await hub.services().refs.createBranch(owner.actor, repo, name, null);
    // Its name comes after those of all branches.
    await hub.services().refs.createTag(owner.actor, repo, { name: 'a', revision: 'main', message: null });
    const first = (await graphql(app, null, REFS, { name: fullName(repo), first: 20 })).data.repo.refs
      .branches;
    const { endCursor } = first.pageInfo;
    let rest = first;
    const count = await countStatements(hub, async () => {
      const variables = { name: fullName(repo), first: 20, after: endCursor };
      rest = (await graphql(app, null, REFS, variables)).data.repo.refs.branches;
    });
    const seen = [...first.edges, ...rest.edges].map(({ node }: { node: { name: string } }) => node.name);
    expect(seen).toEqual([...names, 'main']);
    expect(rest.pageInfo.hasNextPage).toBe(false);
    // The repository, the right to look, four lists, and twice the right to look and commits.
    expect(count).toBeLessThanOrEqual(10);
  });

  it('of 20 repositories are read in at most 6 statements', async ({ app, hub, world }) => {
    const owner = await world.user();
    const repos = await Promise.all(Array.from({ length: 20 }, () => world.repo(owner)));
    for (const repo of repos)
      await hub.services().refs.createBranch(owner.actor, repo, `of-${repo.name}`, null);
    const query = `{ repos(first: 20) { edges { node {
      name
      refs {
        branches(first: 5) { edges { node { name commit { title } } } }
        tags(first: 5) { edges { node { name } } }
      }
    } } } }`;
    let result = await graphql(app, owner, query);
    const count = await countStatements(hub, async () => {
      result = await graphql(app, owner, query);
    });
    expect(result.errors).toBeUndefined();
    expect(result.data.repos.edges).toHaveLength(20);
    const commit = { title: 'initial commit' };
    for (const { node } of result.data.repos.edges) {
      const branches = ['main', `of-${node.name}`].map((name) => ({ node: { name, commit } }));
      expect(node.refs).toEqual({ branches: { edges: branches }, tags: { edges: [] } });
    }
    // The login, the repositories, two lists, the right to look at commits, and the commits.
    expect(count).toBeLessThanOrEqual(6);
  });

  it('refuse a cursor of another list', async ({ app, world }) => {
    const repo = await world.repo(await world.user());
    const foreign = Buffer.from(JSON.stringify(['ref', 'refs/tags/v1'])).toString('base64url');
    for (const inner of [foreign, 'x', Buffer.from('["ref",1]').toString('base64url')]) {
      const after = Buffer.from(JSON.stringify([inner, 0])).toString('base64url');
      const { errors } = await graphql(app, null, REFS, { name: fullName(repo), after });
      expect(errors).toMatchObject([{ extensions: { code: 'BadRequest' } }]);
    }
  });
});

describe('branches and tags', () => {
  it('are created and deleted', async ({ app, world }) => {
    const owner = await world.user();
    const repo = { name: fullName(await world.repo(owner)) };
    const send = async (document: string, input: object) =>
      steady(await graphql(app, owner, document, { input: { repo, ...input } }));
    expect(await send(CREATE_BRANCH, { branch: 'dev' })).toMatchInlineSnapshot(`
      {
        "data": {
          "createBranch": {
            "__typename": "Ref",
            "commit": {
              "title": "initial commit",
            },
            "commitOid": "<oid>",
            "name": "dev",
            "refName": "refs/heads/dev",
            "repo": {
              "fullName": "user1/repo2",
            },
          },
        },
      }
    `);
    expect(await send(CREATE_BRANCH, { branch: 'dev' })).toMatchInlineSnapshot(`
      {
        "data": {
          "createBranch": {
            "__typename": "RefExistsError",
            "code": "RefExists",
            "message": "Reference refs/heads/dev already exists",
          },
        },
      }
    `);
    expect(await send(CREATE_BRANCH, { branch: 'a..b' })).toMatchInlineSnapshot(`
      {
        "data": {
          "createBranch": {
            "__typename": "BadRequestError",
            "code": "BadRequest",
            "message": "'a..b' is not a valid branch name (see git check-ref-format).",
          },
        },
      }
    `);
    expect(await send(CREATE_BRANCH, { branch: 'x', revision: 'missing' })).toMatchInlineSnapshot(`
      {
        "data": {
          "createBranch": {
            "__typename": "RevisionNotFoundError",
            "code": "RevisionNotFound",
            "message": "Invalid rev id: missing",
          },
        },
      }
    `);
    expect(await send(CREATE_TAG, { tag: 'v1', revision: 'dev', message: 'One' })).toMatchInlineSnapshot(`
      {
        "data": {
          "createTag": {
            "__typename": "Ref",
            "commit": {
              "title": "initial commit",
            },
            "name": "v1",
            "refName": "refs/tags/v1",
          },
        },
      }
    `);
    expect(await send(DELETE_TAG, { tag: 'v1' })).toMatchInlineSnapshot(`
      {
        "data": {
          "deleteTag": {
            "__typename": "DeleteRefPayload",
            "refName": "refs/tags/v1",
          },
        },
      }
    `);
    expect(await send(DELETE_TAG, { tag: 'v1' })).toMatchInlineSnapshot(`
      {
        "data": {
          "deleteTag": {
            "__typename": "RevisionNotFoundError",
            "code": "RevisionNotFound",
            "message": "Invalid rev id: v1",
          },
        },
      }
    `);
    expect(await send(DELETE_BRANCH, { branch: 'dev' })).toMatchInlineSnapshot(`
      {
        "data": {
          "deleteBranch": {
            "__typename": "DeleteRefPayload",
            "refName": "refs/heads/dev",
          },
        },
      }
    `);
    expect(await send(DELETE_BRANCH, { branch: 'main' })).toMatchInlineSnapshot(`
      {
        "data": {
          "deleteBranch": {
            "__typename": "BadRequestError",
            "code": "BadRequest",
            "message": "Cannot delete refs/heads/main: it is the default branch.",
          },
        },
      }
    `);
  });

  it('of a hidden repository are those of a missing one', async ({ app, world }) => {
    const owner = await world.user();
    const stranger = await world.user();
    const hidden = await world.repo(owner, { isPrivate: true });
    const send = (name: string) =>
      graphql(app, stranger, CREATE_BRANCH, { input: { repo: { name }, branch: 'dev' } });
    const missing = await send(`${owner.name}/missing`);
    expect(missing.data.createBranch.code).toBe('RepoNotFound');
    expect(await send(fullName(hidden))).toEqual(missing);
  });
});
