import { expect } from 'vitest';
import { it } from '../../support/content.ts';
import { steady } from '../../support/graphql.ts';
import { trpcQuery } from '../../support/trpc.ts';
import type { TestUser } from '../../support/world.ts';
import { fullName } from '../graphql/full-name.ts';

it('files are listed, described and read', async ({ app, content }) => {
  const owner = await content.user();
  const repo = await content.repo(owner);
  await content.commit(owner, repo, { 'd/a.txt': 'aä' });
  await content.commitLfs(owner, repo, 'w.bin', content.object(2000));
  const ask = async (path: string, input: object = {}) =>
    steady(await trpcQuery({ app, user: null, path, input: { repo: { name: fullName(repo) }, ...input } }));
  expect(await ask('files.tree', { isRecursive: true, withLastCommit: true, limit: 2 }))
    .toMatchInlineSnapshot(`
    {
      "data": {
        "items": [
          {
            "kind": "folder",
            "lastCommit": {
              "committedAt": "<date>",
              "oid": "<oid>",
              "title": "Change files",
            },
            "oid": "<oid>",
            "path": "d",
          },
          {
            "kind": "file",
            "lastCommit": {
              "committedAt": "<date>",
              "oid": "<oid>",
              "title": "Change files",
            },
            "lfs": null,
            "mode": "100644",
            "oid": "<oid>",
            "path": "d/a.txt",
            "sizeBytes": 3,
            "xetHash": null,
          },
        ],
        "nextCursor": "<cursor>",
      },
      "status": 200,
    }
  `);
  expect(await ask('files.paths', { paths: ['w.bin', 'missing'] })).toMatchInlineSnapshot(`
    {
      "data": [
        {
          "kind": "file",
          "lastCommit": null,
          "lfs": {
            "pointerSizeBytes": 129,
            "sha256": "<sha256>",
            "sizeBytes": 2000,
          },
          "mode": "100644",
          "oid": "<oid>",
          "path": "w.bin",
          "sizeBytes": 2000,
          "xetHash": null,
        },
      ],
      "status": 200,
    }
  `);
  expect(await ask('files.all')).toMatchInlineSnapshot(`
    {
      "data": {
        "commitOid": "<oid>",
        "files": [
          {
            "lfs": null,
            "oid": "<oid>",
            "path": ".gitattributes",
            "sizeBytes": null,
          },
          {
            "lfs": null,
            "oid": "<oid>",
            "path": "d/a.txt",
            "sizeBytes": null,
          },
          {
            "lfs": null,
            "oid": "<oid>",
            "path": "w.bin",
            "sizeBytes": null,
          },
        ],
      },
      "status": 200,
    }
  `);
  expect(await ask('files.all', { files: 'details' })).toMatchInlineSnapshot(`
    {
      "data": {
        "commitOid": "<oid>",
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
            "sizeBytes": 3,
          },
          {
            "lfs": {
              "pointerSizeBytes": 129,
              "sha256": "<sha256>",
              "sizeBytes": 2000,
            },
            "oid": "<oid>",
            "path": "w.bin",
            "sizeBytes": 2000,
          },
        ],
      },
      "status": 200,
    }
  `);
  expect(await ask('files.text', { path: 'd/a.txt', maxBytes: 2 })).toMatchInlineSnapshot(`
    {
      "data": {
        "content": "a",
        "isBinary": false,
        "isTruncated": true,
      },
      "status": 200,
    }
  `);
  expect(await ask('files.text', { path: 'd' })).toMatchInlineSnapshot(`
    {
      "error": {
        "domainCode": "EntryNotFound",
        "message": ""d" does not exist at this revision.",
      },
      "status": 404,
    }
  `);
  expect(await ask('files.tree', { path: 'w.bin' })).toMatchObject({
    error: { domainCode: 'EntryNotFound' },
  });
  expect(await ask('files.tree', { cursor: 'x' })).toMatchObject({ error: { domainCode: 'BadRequest' } });
});

it('texts are for those who pass the gate, and so says checkRight', async ({ app, hub, content }) => {
  const owner = await content.user();
  const repo = await content.repo(owner);
  await hub.services().repos.updateSettings(owner.actor, repo, { gated: 'auto' });
  const stranger = await content.user();
  const refusal = async (user: TestUser | null, path: string, input: object) =>
    (await trpcQuery({ app, user, path, input: { repo: { name: fullName(repo) }, ...input } })).error
      ?.domainCode ?? null;
  const readme = { path: '.gitattributes' };
  expect(await refusal(owner, 'files.text', readme)).toBeNull();
  expect(await refusal(stranger, 'files.text', readme)).toBe('GatedRepo');
  expect(await refusal(stranger, 'files.tree', {})).toBeNull();
  const right = { repo: { name: fullName(repo) }, right: 'write' };
  expect(await trpcQuery({ app, user: owner, path: 'files.checkRight', input: right })).toEqual({
    status: 200,
  });
  expect(await refusal(stranger, 'files.checkRight', {})).toBe('GatedRepo');
  expect(await refusal(stranger, 'files.checkRight', { right: 'write' })).toBe('Forbidden');
  expect(await refusal(null, 'files.checkRight', { right: 'write' })).toBe('Unauthenticated');
});

it('gives all files of one revision in a request only', async ({ app, world }) => {
  const { namespace, name } = await world.repo(await world.user());
  const input = { repo: { name: `${namespace}/${name}` } };
  const url = `/trpc/files.all,files.all?batch=1&input=${encodeURIComponent(JSON.stringify({ 0: input, 1: input }))}`;
  const answers = (await app.inject({ url })).json<{ error?: { message: string } }[]>();
  const refused = { error: expect.objectContaining({ message: 'Call files.all alone, not in a batch.' }) };
  expect(answers).toEqual([refused, refused]);
});
