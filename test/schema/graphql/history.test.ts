import { describe, expect } from 'vitest';
import type { RepoRef } from '../../../src/domain/repo/repo-ref.ts';
import { parseRepoPath } from '../../../src/git/path.ts';
import { type ContentWorld, it } from '../../support/content.ts';
import { countStatements } from '../../support/count-statements.ts';
import { graphql, steady } from '../../support/graphql.ts';
import type { TestUser } from '../../support/world.ts';
import { fullName } from './full-name.ts';

const HISTORY = `query ($name: String!, $revision: String!, $first: Int, $after: String) {
  repo(name: $name) {
    revision(name: $revision) {
      oid refName commitCount repo { fullName }
      commit { id title }
      commits(first: $first, after: $after) {
        edges { cursor node { id oid parents title body authorName authorEmail userName committedAt repo { fullName } } }
        pageInfo { hasNextPage hasPreviousPage endCursor }
      }
    }
  }
}`;

describe('Revision', () => {
  it('has a history, newest first, that goes on behind a cursor', async ({ app, content }) => {
    const { repo } = await changed(content);
    const variables = { name: fullName(repo), revision: 'main', first: 2 };
    const first = await graphql(app, null, HISTORY, variables);
    expect(steady(first)).toMatchInlineSnapshot(`
      {
        "data": {
          "repo": {
            "revision": {
              "commit": {
                "id": "<Commit>",
                "title": "Change files",
              },
              "commitCount": 3,
              "commits": {
                "edges": [
                  {
                    "cursor": "<cursor>",
                    "node": {
                      "authorEmail": "user1@users.noreply.hub.test",
                      "authorName": "user1",
                      "body": "",
                      "committedAt": "<date>",
                      "id": "<Commit>",
                      "oid": "<oid>",
                      "parents": [
                        "<oid>",
                      ],
                      "repo": {
                        "fullName": "user1/repo2",
                      },
                      "title": "Change files",
                      "userName": "user1",
                    },
                  },
                  {
                    "cursor": "<cursor>",
                    "node": {
                      "authorEmail": "user1@users.noreply.hub.test",
                      "authorName": "user1",
                      "body": "",
                      "committedAt": "<date>",
                      "id": "<Commit>",
                      "oid": "<oid>",
                      "parents": [
                        "<oid>",
                      ],
                      "repo": {
                        "fullName": "user1/repo2",
                      },
                      "title": "Change files",
                      "userName": "user1",
                    },
                  },
                ],
                "pageInfo": {
                  "endCursor": "<cursor>",
                  "hasNextPage": true,
                  "hasPreviousPage": false,
                },
              },
              "oid": "<oid>",
              "refName": "refs/heads/main",
              "repo": {
                "fullName": "user1/repo2",
              },
            },
          },
        },
      }
    `);
    const { endCursor } = first.data.repo.revision.commits.pageInfo;
    const second = await graphql(app, null, HISTORY, { ...variables, after: endCursor });
    expect(second.data.repo.revision.commits).toMatchObject({
      edges: [{ node: { title: 'initial commit', parents: [] } }],
      pageInfo: { hasNextPage: false, hasPreviousPage: true },
    });
  });

  it('is found by branch, tag, ref and commit id', async ({ app, hub, content }) => {
    const { owner, repo, head } = await changed(content);
    await hub.services().refs.createTag(owner.actor, repo, { name: 'v1', revision: 'main', message: 'One' });
    for (const [revision, refName] of [
      ['main', 'refs/heads/main'],
      ['v1', 'refs/tags/v1'],
      ['refs/heads/main', 'refs/heads/main'],
      [head, null],
      [head.slice(0, 10), null],
    ]) {
      const { data } = await graphql(app, null, HISTORY, { name: fullName(repo), revision });
      expect(data.repo.revision).toMatchObject({ oid: head, refName });
    }
    for (const revision of ['missing', '', '0'.repeat(40), 'x'.repeat(5000)]) {
      const { data, errors } = await graphql(app, null, HISTORY, { name: fullName(repo), revision });
      expect(data.repo).toEqual({ revision: null });
      expect(errors).toMatchObject([{ extensions: { code: 'RevisionNotFound' } }]);
    }
  });

  it('of many repositories takes the same few statements', async ({ app, hub, content }) => {
    const owner = await content.user();
    for (let n = 0; n < 20; n++) await content.repo(owner);
    const query = `{ repos(first: 20, filter: { namespace: "${owner.name}" }) {
      edges { node { revision { oid commit { title } } headCommit { title } } }
    } }`;
    let result = await graphql(app, owner, query);
    const count = await countStatements(hub, async () => {
      result = await graphql(app, owner, query);
    });
    expect(result.errors).toBeUndefined();
    expect(result.data.repos.edges).toHaveLength(20);
    expect(result.data.repos.edges[0].node.revision.commit).toEqual({ title: 'initial commit' });
    // Credentials, the list, heads, the right to look twice, commits.
    expect(count).toBeLessThanOrEqual(6);
  });
});

const COMMIT = `query ($name: String!, $oid: String!, $first: Int, $after: String, $path: String) {
  repo(name: $name) {
    commit(oid: $oid) {
      oid title parents
      detail { message authoredAt committerName committerEmail }
      changedFiles(first: $first, after: $after, path: $path) {
        edges { node { __typename kind path oldPath before { mode oid sizeBytes lfs { sha256 } } after { sizeBytes lfs { sizeBytes } } } }
        pageInfo { hasNextPage endCursor }
      }
      diffs(first: $first, after: $after, path: $path) {
        edges { node { kind path text addedLines deletedLines noText } }
        pageInfo { hasNextPage }
      }
    }
  }
}`;

describe('Repo.commit', () => {
  it('shows what a commit changed, with texts', async ({ app, content }) => {
    const { owner, repo, head } = await changed(content);
    await content.commitLfs(owner, repo, 'w.bin', content.object(2000));
    expect(steady(await graphql(app, null, COMMIT, { name: fullName(repo), oid: head })))
      .toMatchInlineSnapshot(`
        {
          "data": {
            "repo": {
              "commit": {
                "changedFiles": {
                  "edges": [
                    {
                      "node": {
                        "__typename": "FileChange",
                        "after": {
                          "lfs": null,
                          "sizeBytes": 10,
                        },
                        "before": {
                          "lfs": null,
                          "mode": "100644",
                          "oid": "<oid>",
                          "sizeBytes": 8,
                        },
                        "kind": "MODIFIED",
                        "oldPath": null,
                        "path": "a.txt",
                      },
                    },
                    {
                      "node": {
                        "__typename": "FileChange",
                        "after": {
                          "lfs": null,
                          "sizeBytes": 6,
                        },
                        "before": {
                          "lfs": null,
                          "mode": "100644",
                          "oid": "<oid>",
                          "sizeBytes": 6,
                        },
                        "kind": "RENAMED",
                        "oldPath": "moved.txt",
                        "path": "d/moved.txt",
                      },
                    },
                  ],
                  "pageInfo": {
                    "endCursor": "<cursor>",
                    "hasNextPage": false,
                  },
                },
                "detail": {
                  "authoredAt": "<date>",
                  "committerEmail": "user1@users.noreply.hub.test",
                  "committerName": "user1",
                  "message": "Change files
        ",
                },
                "diffs": {
                  "edges": [
                    {
                      "node": {
                        "addedLines": 1,
                        "deletedLines": 1,
                        "kind": "MODIFIED",
                        "noText": null,
                        "path": "a.txt",
                        "text": "--- a/a.txt
        +++ b/a.txt
        @@ -1,2 +1,2 @@
         one
        -two
        +three
        ",
                      },
                    },
                    {
                      "node": {
                        "addedLines": 0,
                        "deletedLines": 0,
                        "kind": "RENAMED",
                        "noText": null,
                        "path": "d/moved.txt",
                        "text": "",
                      },
                    },
                  ],
                  "pageInfo": {
                    "hasNextPage": false,
                  },
                },
                "oid": "<oid>",
                "parents": [
                  "<oid>",
                ],
                "title": "Change files",
              },
            },
          },
        }
      `);
    const { commit } = (await graphql(app, null, COMMIT, { name: fullName(repo), oid: 'main' })).data.repo;
    expect(commit.diffs.edges).toMatchObject([{ node: { path: 'w.bin', text: null, noText: 'LFS' } }]);
  });

  it('lists changes page by page, and those of one path', async ({ app, content }) => {
    const { repo, head } = await changed(content);
    const look = async (variables: object) =>
      (await graphql(app, null, COMMIT, { name: fullName(repo), oid: head, ...variables })).data.repo.commit;
    const first = await look({ first: 1 });
    expect([paths(first.changedFiles), paths(first.diffs)]).toEqual([['a.txt'], ['a.txt']]);
    const second = await look({ first: 1, after: first.changedFiles.pageInfo.endCursor });
    expect([paths(second.changedFiles), paths(second.diffs)]).toEqual([['d/moved.txt'], ['d/moved.txt']]);
    expect(paths((await look({ path: 'd' })).changedFiles)).toEqual(['d/moved.txt']);
  });

  it('keeps texts behind the gate, and names before it', async ({ app, hub, content }) => {
    const { owner, repo, head } = await changed(content);
    await hub.services().repos.updateSettings(owner.actor, repo, { gated: 'manual' });
    const { data, errors } = await graphql(app, await content.user(), COMMIT, {
      name: fullName(repo),
      oid: head,
    });
    expect(data.repo.commit.changedFiles.edges).toHaveLength(2);
    expect(data.repo.commit.diffs).toBeNull();
    expect(errors).toMatchObject([{ path: ['repo', 'commit', 'diffs'], extensions: { code: 'GatedRepo' } }]);
  });

  it('is a node that others cannot see in a private repository', async ({ app, hub, content }) => {
    const { owner, repo } = await changed(content);
    const { data } = await graphql(app, owner, HISTORY, { name: fullName(repo), revision: 'main' });
    const { id } = data.repo.revision.commit;
    const node = '{ __typename ... on Commit { title repo { fullName } detail { committerName } } }';
    const look = async (user: TestUser | null, given = id) =>
      graphql(app, user, `query ($id: ID!) { node(id: $id) ${node} }`, { id: given });
    expect((await look(null)).data.node).toMatchObject({ __typename: 'Commit', title: 'Change files' });
    await hub.services().repos.updateSettings(owner.actor, repo, { visibility: 'private' });
    expect((await look(null)).data.node).toBeNull();
    expect((await look(await content.user())).data.node).toBeNull();
    expect((await look(owner)).data.node).toMatchObject({ repo: { fullName: fullName(repo) } });
    for (const text of ['Commit:1', 'Commit:x:y', `Commit:1:${'a'.repeat(40)}:1`]) {
      const { errors } = await look(owner, Buffer.from(text).toString('base64'));
      expect(errors).toMatchObject([{ extensions: { code: 'BadRequest' } }]);
    }
  });
});

const COMPARE = `query ($name: String!, $base: String!, $head: String!, $from: RangeStart!, $after: String) {
  repo(name: $name) {
    compare(base: $base, head: $head, from: $from) {
      baseOid headOid mergeBaseOid aheadCount behindCount
      commits(side: AHEAD) { edges { node { title } } }
      changedFiles(first: 1, after: $after) { edges { node { kind path } } pageInfo { hasNextPage endCursor } }
      diffs(first: 2) { edges { node { path text } } }
      patch
    }
  }
}`;

describe('Repo.compare', () => {
  it('says how two revisions lie to each other and what differs', async ({ app, hub, content }) => {
    const { owner, repo } = await branched(content);
    const variables = { name: fullName(repo), base: 'main', head: 'dev', from: 'MERGE_BASE' };
    expect(steady(await graphql(app, null, COMPARE, variables))).toMatchInlineSnapshot(`
      {
        "data": {
          "repo": {
            "compare": {
              "aheadCount": 1,
              "baseOid": "<oid>",
              "behindCount": 1,
              "changedFiles": {
                "edges": [
                  {
                    "node": {
                      "kind": "ADDED",
                      "path": "dev.txt",
                    },
                  },
                ],
                "pageInfo": {
                  "endCursor": "<cursor>",
                  "hasNextPage": false,
                },
              },
              "commits": {
                "edges": [
                  {
                    "node": {
                      "title": "On dev",
                    },
                  },
                ],
              },
              "diffs": {
                "edges": [
                  {
                    "node": {
                      "path": "dev.txt",
                      "text": "--- a/dev.txt
      +++ b/dev.txt
      @@ -0,0 +1 @@
      +dev
      ",
                    },
                  },
                ],
              },
              "headOid": "<oid>",
              "mergeBaseOid": "<oid>",
              "patch": "diff --git a/dev.txt b/dev.txt
      new file mode 100644
      index <oid>..<oid>
      --- /dev/null
      +++ b/dev.txt
      @@ -0,0 +1 @@
      +dev
      ",
            },
          },
        },
      }
    `);
    const { data } = await graphql(app, null, COMPARE, { ...variables, from: 'BASE' });
    expect(data.repo.compare.changedFiles).toMatchObject({
      edges: [{ node: { kind: 'ADDED', path: 'dev.txt' } }],
      pageInfo: { hasNextPage: true },
    });
    await hub.services().refs.deleteBranch(owner.actor, repo, 'dev');
    const { errors } = await graphql(app, null, COMPARE, variables);
    expect(errors).toMatchObject([{ extensions: { code: 'RevisionNotFound' } }]);
  });

  it('stays with the commits of the first page', async ({ app, content }) => {
    const { owner, repo } = await branched(content);
    const variables = { name: fullName(repo), base: 'main', head: 'dev', from: 'BASE' };
    const first = (await graphql(app, null, COMPARE, variables)).data.repo.compare.changedFiles;
    await content.commit(owner, repo, { 'main.txt': null, 'other.txt': 'other' });
    const after = first.pageInfo.endCursor;
    const second = (await graphql(app, null, COMPARE, { ...variables, after })).data.repo.compare
      .changedFiles;
    expect(second.edges).toMatchObject([{ node: { kind: 'DELETED', path: 'main.txt' } }]);
  });

  it('keeps texts behind the gate', async ({ app, hub, content }) => {
    const { owner, repo } = await branched(content);
    await hub.services().repos.updateSettings(owner.actor, repo, { gated: 'auto' });
    const variables = { name: fullName(repo), base: 'main', head: 'dev', from: 'BASE' };
    const { data, errors } = await graphql(app, null, COMPARE, variables);
    expect(data.repo.compare).toMatchObject({ aheadCount: 1, diffs: null, patch: null });
    expect(errors?.map(({ extensions }) => extensions?.['code'])).toEqual(['GatedRepo', 'GatedRepo']);
  });
});

function paths(list: { readonly edges: readonly { readonly node: { readonly path: string } }[] }) {
  return list.edges.map(({ node }) => node.path);
}

/** A repository with three commits; the last one changed a file and moved another. */
async function changed(content: ContentWorld) {
  const owner = await content.user();
  const repo = await content.repo(owner);
  await content.commit(owner, repo, { 'a.txt': 'one\ntwo\n', 'moved.txt': 'moves\n' });
  const files = { 'a.txt': 'one\nthree\n', 'moved.txt': null, 'd/moved.txt': 'moves\n' };
  return { owner, repo, head: await content.commit(owner, repo, files) };
}

/** A branch `dev` with a file of its own, and `main` with another. */
async function branched(content: ContentWorld): Promise<{ owner: TestUser; repo: RepoRef }> {
  const owner = await content.user();
  const repo = await content.repo(owner);
  const services = content.hub.services();
  await services.refs.createBranch(owner.actor, repo, 'dev', null);
  await services.commits.commit(owner.actor, repo, 'dev', {
    title: 'On dev',
    description: '',
    parentCommit: null,
    createsPullRequest: false,
    operations: [{ kind: 'file', path: parseRepoPath('dev.txt'), bytes: Buffer.from('dev\n') }],
  });
  await content.commit(owner, repo, { 'main.txt': 'main\n' });
  return { owner, repo };
}
