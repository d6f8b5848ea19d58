import { describe, expect } from 'vitest';
import { it } from '../../support/content.ts';
import { countStatements } from '../../support/count-statements.ts';
import { graphql, steady } from '../../support/graphql.ts';
import { fullName } from './full-name.ts';

const TREE = `query ($name: String!, $revision: String!, $path: String! = "", $first: Int, $after: String, $isRecursive: Boolean! = false) {
  repo(name: $name) {
    revision(name: $revision) {
      tree(path: $path, first: $first, after: $after, isRecursive: $isRecursive) {
        edges {
          cursor
          node {
            __typename path name oid lastCommit { oid title committedAt }
            ... on File { mode sizeBytes lfs { sha256 sizeBytes pointerSizeBytes } xetHash downloadUrl }
          }
        }
        pageInfo { hasNextPage endCursor }
      }
    }
  }
}`;

describe('Revision.tree', () => {
  it('lists a folder with what Git and LFS say of its files, and the last commits', async ({
    app,
    content,
  }) => {
    const owner = await content.user();
    const repo = await content.repo(owner);
    await content.commit(owner, repo, { 'b/c.txt': 'see', 'a.txt': 'a' });
    await content.commitLfs(owner, repo, 'weights.bin', content.object(2000));
    const variables = { name: fullName(repo), revision: 'main' };
    const result = await graphql(app, null, TREE, variables);
    expect(steady(result)).toMatchInlineSnapshot(`
      {
        "data": {
          "repo": {
            "revision": {
              "tree": {
                "edges": [
                  {
                    "cursor": "<cursor>",
                    "node": {
                      "__typename": "Folder",
                      "lastCommit": {
                        "committedAt": "<date>",
                        "oid": "<oid>",
                        "title": "Change files",
                      },
                      "name": "b",
                      "oid": "<oid>",
                      "path": "b",
                    },
                  },
                  {
                    "cursor": "<cursor>",
                    "node": {
                      "__typename": "File",
                      "downloadUrl": "http://hub.test/user1/repo2/resolve/<oid>/.gitattributes",
                      "lastCommit": {
                        "committedAt": "<date>",
                        "oid": "<oid>",
                        "title": "initial commit",
                      },
                      "lfs": null,
                      "mode": "100644",
                      "name": ".gitattributes",
                      "oid": "<oid>",
                      "path": ".gitattributes",
                      "sizeBytes": 1519,
                      "xetHash": null,
                    },
                  },
                  {
                    "cursor": "<cursor>",
                    "node": {
                      "__typename": "File",
                      "downloadUrl": "http://hub.test/user1/repo2/resolve/<oid>/a.txt",
                      "lastCommit": {
                        "committedAt": "<date>",
                        "oid": "<oid>",
                        "title": "Change files",
                      },
                      "lfs": null,
                      "mode": "100644",
                      "name": "a.txt",
                      "oid": "<oid>",
                      "path": "a.txt",
                      "sizeBytes": 1,
                      "xetHash": null,
                    },
                  },
                  {
                    "cursor": "<cursor>",
                    "node": {
                      "__typename": "File",
                      "downloadUrl": "http://hub.test/user1/repo2/resolve/<oid>/weights.bin",
                      "lastCommit": {
                        "committedAt": "<date>",
                        "oid": "<oid>",
                        "title": "Change files",
                      },
                      "lfs": {
                        "pointerSizeBytes": 129,
                        "sha256": "<sha256>",
                        "sizeBytes": 2000,
                      },
                      "mode": "100644",
                      "name": "weights.bin",
                      "oid": "<oid>",
                      "path": "weights.bin",
                      "sizeBytes": 2000,
                      "xetHash": null,
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
        },
      }
    `);
  });

  it('goes on behind a cursor, below a folder and recursively', async ({ app, content }) => {
    const owner = await content.user();
    const repo = await content.repo(owner);
    const files = Object.fromEntries(Array.from({ length: 25 }, (_, i) => [`d/e/f${10 + i}`, String(i)]));
    await content.commit(owner, repo, files);
    const variables = { name: fullName(repo), revision: 'main', path: 'd/', first: 10, isRecursive: true };
    const paths: string[] = [];
    const takePage = async (after: string | null): Promise<{ hasNextPage: boolean; endCursor: string }> => {
      const { tree } = (await graphql(app, null, TREE, { ...variables, after })).data.repo.revision;
      paths.push(...tree.edges.map(({ node }: { node: { path: string } }) => node.path));
      return tree.pageInfo;
    };
    let page = await takePage(null);
    while (page.hasNextPage) {
      // What is committed between pages does not move them.
      await content.commit(owner, repo, { [`d/e/a${paths.length}`]: 'new' });
      page = await takePage(page.endCursor);
    }
    expect(paths).toEqual(['d/e', ...Object.keys(files)]);
  });

  it('takes the same few statements for many entries', async ({ app, hub, content }) => {
    const owner = await content.user();
    const repo = await content.repo(owner);
    const names = Array.from({ length: 60 }, (_, i) => `f${i}`);
    for (const part of [names.slice(0, 20), names.slice(20, 40), names.slice(40)])
      await content.commit(owner, repo, Object.fromEntries(part.map((name) => [name, name])));
    const variables = { name: fullName(repo), revision: 'main', first: 61 };
    let result = await graphql(app, owner, TREE, { ...variables, first: 1 });
    const count = await countStatements(hub, async () => {
      result = await graphql(app, owner, TREE, variables);
    });
    const { edges } = result.data.repo.revision.tree;
    expect(edges).toHaveLength(61);
    expect(edges.filter(({ node }: { node: { lastCommit: unknown } }) => node.lastCommit)).toHaveLength(61);
    // Credentials, the right to look at four levels, sizes of blobs, last commits.
    expect(count).toBeLessThanOrEqual(7);
  });

  it('says what is wrong with a path, a cursor and a size of page', async ({ app, content }) => {
    const owner = await content.user();
    const repo = await content.repo(owner);
    const codes = async (variables: object) => {
      const result = await graphql(app, null, TREE, { name: fullName(repo), revision: 'main', ...variables });
      return result.errors?.map(({ extensions }) => extensions?.['code']);
    };
    expect(await codes({ path: 'missing' })).toEqual(['EntryNotFound']);
    expect(await codes({ path: '.gitattributes' })).toEqual(['EntryNotFound']);
    expect(await codes({ revision: 'missing' })).toEqual(['RevisionNotFound']);
    expect(await codes({ after: 'x' })).toEqual(['BadRequest']);
    expect(await codes({ first: 101 })).toEqual(['BadRequest']);
    expect(await codes({ name: `${owner.name}/missing` })).toEqual(['RepoNotFound']);
  });
});

const FILE = `query ($name: String!, $path: String!, $maxBytes: Int! = 65536) {
  repo(name: $name) {
    revision {
      entry(path: $path) { __typename path }
      file(path: $path) { path sizeBytes text(maxBytes: $maxBytes) { content isBinary isTruncated } }
      readme { text { content } }
    }
  }
}`;

describe('Revision.file', () => {
  it('has a text that ends at a whole character, and says when it is none', async ({ app, content }) => {
    const owner = await content.user();
    const repo = await content.repo(owner);
    const object = content.object(2000);
    await content.commit(owner, repo, { 'ä.txt': 'aäää', 'zero.bin': Buffer.from([1, 0, 2]), empty: '' });
    await content.commitLfs(owner, repo, 'weights.bin', object);
    const fileOf = async (path: string, maxBytes?: number) =>
      (await graphql(app, null, FILE, { name: fullName(repo), path, maxBytes })).data.repo.revision.file;
    expect(await fileOf('ä.txt', 4)).toEqual({
      path: 'ä.txt',
      sizeBytes: 7,
      text: { content: 'aä', isBinary: false, isTruncated: true },
    });
    expect(await fileOf('ä.txt', 7)).toMatchObject({ text: { content: 'aäää', isTruncated: false } });
    expect(await fileOf('zero.bin')).toMatchObject({ text: { content: null, isBinary: true } });
    expect(await fileOf('empty')).toMatchObject({ sizeBytes: 0, text: { content: '', isTruncated: false } });
    // Of an LFS file the content, not the pointer.
    expect(await fileOf('weights.bin', 10)).toMatchObject({ sizeBytes: 2000, text: { isTruncated: true } });
  });

  it('is null for folders and what is not there', async ({ app, content }) => {
    const owner = await content.user();
    const repo = await content.repo(owner);
    await content.commit(owner, repo, { 'd/a': 'a', 'README.md': 'Hello\n' });
    const look = async (path: string) =>
      (await graphql(app, null, FILE, { name: fullName(repo), path })).data.repo.revision;
    expect(await look('d')).toEqual({
      entry: { __typename: 'Folder', path: 'd' },
      file: null,
      readme: { text: { content: 'Hello\n' } },
    });
    expect(await look('missing')).toMatchObject({ entry: null, file: null });
  });

  it('refuses more bytes than a text has', async ({ app, content }) => {
    const owner = await content.user();
    const repo = await content.repo(owner);
    for (const maxBytes of [0, -1, 1_048_577]) {
      const result = await graphql(app, null, FILE, {
        name: fullName(repo),
        path: '.gitattributes',
        maxBytes,
      });
      expect(result.errors).toMatchObject([{ extensions: { code: 'BadRequest' } }]);
    }
  });
});

describe('the rights to look', () => {
  it('give names to everybody and texts to those who pass the gate', async ({ app, hub, content }) => {
    const owner = await content.user();
    const repo = await content.repo(owner);
    await content.commit(owner, repo, { 'a.txt': 'secret', 'README.md': 'secret' });
    await hub.services().repos.updateSettings(owner.actor, repo, { gated: 'auto' });
    const stranger = await content.user();
    const look = (user: typeof owner | null) =>
      graphql(app, user, FILE, { name: fullName(repo), path: 'a.txt' });
    expect((await look(owner)).data.repo.revision.file.text.content).toBe('secret');
    for (const user of [null, stranger]) {
      const { data, errors } = await look(user);
      expect(data.repo.revision.file).toEqual({ path: 'a.txt', sizeBytes: 6, text: null });
      expect(errors?.map(({ extensions }) => extensions?.['code'])).toEqual(['GatedRepo', 'GatedRepo']);
      expect(JSON.stringify([data, errors])).not.toContain('secret');
    }
  });

  it('hide a private repository like a missing one', async ({ app, content }) => {
    const owner = await content.user();
    const repo = await content.repo(owner, { isPrivate: true });
    const stranger = await content.user();
    const variables = { name: fullName(repo), path: '.gitattributes' };
    const missing = await graphql(app, stranger, FILE, { ...variables, name: `${owner.name}/missing` });
    expect(await graphql(app, stranger, FILE, variables)).toEqual(missing);
    expect((await graphql(app, owner, FILE, variables)).data.repo.revision.file.path).toBe('.gitattributes');
  });

  it('keep texts of a disabled repository from everybody, and show its history as REST does', async ({
    app,
    hub,
    content,
  }) => {
    const owner = await content.user();
    const repo = await content.repo(owner);
    const admin = await content.admin();
    const verdict = { isDisabled: true, reason: 'A test' };
    await hub.services().adminRepos.setDisabled(admin.actor, repo, verdict);
    const { data, errors } = await graphql(app, owner, FILE, {
      name: fullName(repo),
      path: '.gitattributes',
    });
    expect(data.repo.revision.file.text).toBeNull();
    expect(errors?.[0]?.extensions?.['code']).toBe('Forbidden');
    const document = `query ($name: String!) { repo(name: $name) { headCommit { title } revision { commits { edges { node { title } } } } } }`;
    const history = (await graphql(app, null, document, { name: fullName(repo) })).data.repo;
    const rest = await content.read(null, `/api/models/${fullName(repo)}/commits/main`);
    expect(rest.statusCode).toBe(200);
    expect(history.headCommit.title).toBe(rest.json<{ title: string }[]>()[0]!.title);
  });

  it('do not end with a list of repositories: texts of a hundred are refused', async ({ app, content }) => {
    for (const field of ['readme { path }', 'tree(first: 1) { edges { node { path } } }', 'commitCount']) {
      const result = await graphql(
        app,
        await content.user(),
        `{ repos(first: 100) { edges { node { revision { ${field} } } } } }`,
      );
      expect(result.errors?.[0]?.message).toMatch(/costs \d+ points/);
    }
  });
});

describe('Repo.files', () => {
  it('are all files of main at once', async ({ app, content }) => {
    const owner = await content.user();
    const repo = await content.repo(owner);
    await content.commit(owner, repo, { 'd/a.txt': 'a' });
    const document = `query ($name: String!) {
      repo(name: $name) { files { path oid sizeBytes lfs { sha256 } } }
    }`;
    expect(steady(await graphql(app, null, document, { name: fullName(repo) }))).toMatchInlineSnapshot(`
      {
        "data": {
          "repo": {
            "files": [
              {
                "lfs": null,
                "oid": "<oid>",
                "path": ".gitattributes",
                "sizeBytes": 1519,
              },
              {
                "lfs": null,
                "oid": "<oid>",
                "path": "d/a.txt",
                "sizeBytes": 1,
              },
            ],
          },
        },
      }
    `);
  });
});
