import { describe, expect } from 'vitest';
import { it } from '../../support/content.ts';
import { graphql, steady } from '../../support/graphql.ts';
import { fullName } from './full-name.ts';

const COMMIT = `mutation ($input: CommitFilesInput!) {
  commitFiles(input: $input) {
    __typename
    ... on CommitFilesPayload {
      oid refName pullRequestNumber
      revision { commit { title body userName } tree(isRecursive: true) { edges { node { path } } } }
    }
    ... on DomainError { code message }
  }
}`;

describe('commitFiles', () => {
  it('commits texts, bytes, copies and deletions at once', async ({ app, content }) => {
    const owner = await content.user();
    const repo = await content.repo(owner);
    await content.commit(owner, repo, { 'old/a': 'a', 'old/b': 'b', gone: 'gone' });
    const operations = [
      { file: { path: 'text.txt', content: 'ä\n' } },
      { file: { path: 'bytes', content: 'AAEC', encoding: 'BASE64' } },
      { copyFile: { path: 'copied', sourcePath: 'old/a' } },
      { deleteFolder: { path: 'old' } },
      { deleteFile: { path: 'gone' } },
    ];
    const input = { repo: { name: fullName(repo) }, title: 'All of it', description: 'Why.', operations };
    expect(steady(await graphql(app, owner, COMMIT, { input }))).toMatchInlineSnapshot(`
      {
        "data": {
          "commitFiles": {
            "__typename": "CommitFilesPayload",
            "oid": "<oid>",
            "pullRequestNumber": null,
            "refName": "refs/heads/main",
            "revision": {
              "commit": {
                "body": "Why.",
                "title": "All of it",
                "userName": "user1",
              },
              "tree": {
                "edges": [
                  {
                    "node": {
                      "path": ".gitattributes",
                    },
                  },
                  {
                    "node": {
                      "path": "bytes",
                    },
                  },
                  {
                    "node": {
                      "path": "copied",
                    },
                  },
                  {
                    "node": {
                      "path": "text.txt",
                    },
                  },
                ],
              },
            },
          },
        },
      }
    `);
    const bytes = await content.read(owner, `/${fullName(repo)}/resolve/main/bytes`);
    expect([...bytes.rawPayload]).toEqual([0, 1, 2]);
    expect((await content.read(owner, `/${fullName(repo)}/resolve/main/text.txt`)).body).toBe('ä\n');
  });

  it('commits an object that was uploaded, and opens pull requests for those who may not write', async ({
    app,
    content,
  }) => {
    const owner = await content.user();
    const repo = await content.repo(owner);
    const object = content.object(2000);
    const lfsFile = { path: 'w.bin', sha256: object.sha256, sizeBytes: 2000 };
    const input = { repo: { name: fullName(repo) }, title: 'Weights', operations: [{ lfsFile }] };
    const missing = await graphql(app, owner, COMMIT, { input });
    expect(missing.data.commitFiles.code).toBe('LfsObjectMissing');
    await content.upload(owner, repo, object);
    expect((await graphql(app, owner, COMMIT, { input })).data.commitFiles.oid).toBe(
      await content.headOf(owner, repo),
    );
    const operations = [{ file: { path: 'idea', content: 'mine' } }];
    const proposal = { ...input, operations, createsPullRequest: true };
    const proposed = await graphql(app, await content.user(), COMMIT, { input: proposal });
    expect(proposed.data.commitFiles).toMatchObject({ refName: 'refs/pr/1', pullRequestNumber: 1 });
  });

  it('says what is wrong', async ({ app, content }) => {
    const owner = await content.user();
    const repo = await content.repo(owner);
    const old = await content.commit(owner, repo, { a: 'a' });
    await content.commit(owner, repo, { a: 'b' });
    const file = { path: 'x', content: 'x' };
    const refusal = async (input: object) => {
      const given = { repo: { name: fullName(repo) }, title: 'T', operations: [{ file }], ...input };
      const { data, errors } = await graphql(app, owner, COMMIT, { input: given });
      return data?.commitFiles.code ?? errors?.[0]?.extensions?.['code'];
    };
    expect(await refusal({ expectedHead: old })).toBe('StaleParent');
    expect(await refusal({ expectedHead: '' })).toBe('BadRequest');
    expect(await refusal({ title: ' ' })).toBe('BadRequest');
    expect(await refusal({ branch: 'missing' })).toBe('RevisionNotFound');
    expect(await refusal({ operations: [{ file: { ...file, path: '../x' } }] })).toBe('InvalidPath');
    expect(await refusal({ operations: [{ file: { ...file, encoding: 'BASE64' } }] })).toBe('BadRequest');
    expect(await refusal({ operations: [{ file, deleteFile: { path: 'a' } }] })).toBe('BadRequest');
    expect(await refusal({ operations: [{ copyFile: { path: 'c', sourcePath: 'no' } }] })).toBe(
      'EntryNotFound',
    );
    const many = Array.from({ length: 1001 }, () => ({ deleteFile: { path: 'a' } }));
    expect(await refusal({ operations: many })).toBe('BadRequest');
  });
});
