import { expect } from 'vitest';
import { it } from '../../support/content.ts';
import { steady } from '../../support/graphql.ts';
import { trpcMutation, trpcQuery } from '../../support/trpc.ts';
import { fullName } from '../graphql/full-name.ts';

it('commits are made of texts, bytes, copies, uploaded objects and deletions', async ({ app, content }) => {
  const owner = await content.user();
  const repo = await content.repo(owner);
  const object = content.object(2000);
  await content.commit(owner, repo, { 'old/a': 'a', gone: 'gone' });
  await content.upload(owner, repo, object);
  const operations = [
    { kind: 'file', path: 'text.txt', content: 'ä\n' },
    { kind: 'file', path: 'bytes', content: 'AAEC', encoding: 'base64' },
    { kind: 'lfsFile', path: 'w.bin', sha256: object.sha256 },
    { kind: 'copyFile', path: 'copied', sourcePath: 'old/a' },
    { kind: 'deleteFolder', path: 'old' },
    { kind: 'deleteFile', path: 'gone' },
  ];
  const input = { repo: { name: fullName(repo) }, title: 'All of it', description: 'Why.', operations };
  const made = await trpcMutation({ app, user: owner, path: 'commits.create', input });
  expect(steady(made)).toMatchInlineSnapshot(`
    {
      "data": {
        "commitOid": "<oid>",
        "pullRequestNumber": null,
        "refName": "refs/heads/main",
      },
      "status": 200,
    }
  `);
  const tree = await trpcQuery({ app, user: null, path: 'files.tree', input: { repo: input.repo } });
  expect(tree.data.items.map((item: { path: string }) => item.path)).toEqual([
    '.gitattributes',
    'bytes',
    'copied',
    'text.txt',
    'w.bin',
  ]);
  const got = await trpcQuery({ app, user: null, path: 'commits.get', input: { repo: input.repo } });
  expect(steady(got)).toMatchInlineSnapshot(`
    {
      "data": {
        "authorEmail": "user1@users.noreply.hub.test",
        "authorName": "user1",
        "authoredAt": "<date>",
        "body": "Why.",
        "committedAt": "<date>",
        "committerEmail": "user1@users.noreply.hub.test",
        "committerName": "user1",
        "message": "All of it

    Why.
    ",
        "oid": "<oid>",
        "parents": [
          "<oid>",
        ],
        "title": "All of it",
        "userName": "user1",
      },
      "status": 200,
    }
  `);
  const listed = await trpcQuery({
    app,
    user: null,
    path: 'commits.list',
    input: { repo: input.repo, limit: 1 },
  });
  expect(steady(listed)).toMatchInlineSnapshot(`
    {
      "data": {
        "items": [
          {
            "authorEmail": "user1@users.noreply.hub.test",
            "authorName": "user1",
            "body": "Why.",
            "committedAt": "<date>",
            "oid": "<oid>",
            "parents": [
              "<oid>",
            ],
            "title": "All of it",
            "userName": "user1",
          },
        ],
        "nextCursor": "<cursor>",
      },
      "status": 200,
    }
  `);
});

it('say what is wrong with them', async ({ app, content }) => {
  const owner = await content.user();
  const repo = await content.repo(owner);
  const old = await content.commit(owner, repo, { a: 'a' });
  await content.commit(owner, repo, { a: 'b' });
  const file = { kind: 'file', path: 'x', content: 'x' };
  const refusal = async (input: object) => {
    const given = { repo: { name: fullName(repo) }, title: 'T', operations: [file], ...input };
    return (await trpcMutation({ app, user: owner, path: 'commits.create', input: given })).error?.domainCode;
  };
  expect(await refusal({ expectedHead: old })).toBe('StaleParent');
  expect(await refusal({ expectedHead: 'x' })).toBe('BadRequest');
  expect(await refusal({ branch: 'missing' })).toBe('RevisionNotFound');
  expect(await refusal({ operations: [{ ...file, path: '../x' }] })).toBe('InvalidPath');
  expect(await refusal({ operations: [{ ...file, encoding: 'base64' }] })).toBe('BadRequest');
  expect(await refusal({ operations: [{ ...file, kind: 'other' }] })).toBe('BadRequest');
  expect(await refusal({ operations: Array.from({ length: 1001 }, () => file) })).toBe('BadRequest');
  const sha256 = 'z'.repeat(64);
  expect(await refusal({ operations: [{ kind: 'lfsFile', path: 'w', sha256 }] })).toBe('BadRequest');
});
