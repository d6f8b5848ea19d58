import { describe, expect } from 'vitest';
import { steady } from '../../support/graphql.ts';
import { it } from '../../support/it.ts';
import { trpcMutation, trpcQuery } from '../../support/trpc.ts';

describe('repos', () => {
  it('are created, read, moved, changed and deleted', async ({ app, world }) => {
    const user = await world.user();
    const name = world.name('repo');
    const change = async (call: string, input: object) =>
      steady(await trpcMutation({ app, user, path: `repos.${call}`, input }));
    const read = (of: string) => trpcQuery({ app, user, path: 'repos.get', input: { repo: { name: of } } });
    expect(await change('create', { name, license: 'mit' })).toMatchInlineSnapshot(`
      {
        "data": {
          "card": {
            "license": "mit",
          },
          "createdAt": "<date>",
          "downloads": 0,
          "downloadsAllTime": 0,
          "fullName": "user1/repo2",
          "gated": null,
          "headOid": "<oid>",
          "id": "<id>",
          "isDisabled": false,
          "lastModifiedAt": "<date>",
          "lfsKeepVersions": null,
          "lfsSuffixRules": null,
          "lfsThresholdBytes": null,
          "libraryName": null,
          "likesCount": 0,
          "name": "repo2",
          "namespace": "user1",
          "parameterCount": null,
          "pipelineTag": null,
          "quotaBytes": null,
          "sdk": null,
          "tags": [
            "license:mit",
          ],
          "trendingScore": 0,
          "type": "model",
          "usedBytes": 1540,
          "visibility": "public",
        },
        "status": 200,
      }
    `);
    expect(await change('create', { name })).toMatchInlineSnapshot(`
      {
        "error": {
          "domainCode": "RepoExists",
          "message": "A model repository called user1/repo2 already exists",
        },
        "status": 409,
      }
    `);
    expect(await change('create', { name: 'not a name' })).toMatchInlineSnapshot(`
      {
        "error": {
          "domainCode": "BadRequest",
          "message": "The repository name may hold letters, digits, "-", "_" and ".", not start or end with "-" or ".", and not hold "--", ".." or end in ".git".",
        },
        "status": 400,
      }
    `);
    const moved = `${user.name}/${world.name('moved')}`;
    expect(await change('move', { repo: { name: `${user.name}/${name}` }, to: moved }))
      .toMatchInlineSnapshot(`
      {
        "data": {
          "card": {
            "license": "mit",
          },
          "createdAt": "<date>",
          "downloads": 0,
          "downloadsAllTime": 0,
          "fullName": "user1/moved2",
          "gated": null,
          "headOid": "<oid>",
          "id": "<id>",
          "isDisabled": false,
          "lastModifiedAt": "<date>",
          "lfsKeepVersions": null,
          "lfsSuffixRules": null,
          "lfsThresholdBytes": null,
          "libraryName": null,
          "likesCount": 0,
          "name": "moved2",
          "namespace": "user1",
          "parameterCount": null,
          "pipelineTag": null,
          "quotaBytes": null,
          "sdk": null,
          "tags": [
            "license:mit",
          ],
          "trendingScore": 0,
          "type": "model",
          "usedBytes": 1540,
          "visibility": "public",
        },
        "status": 200,
      }
    `);
    expect(steady(await read(`${user.name}/${name}`))).toMatchInlineSnapshot(`
      {
        "error": {
          "domainCode": "RepoMoved",
          "message": "This repository is now called user1/moved2.",
        },
        "status": 404,
      }
    `);
    const settings = { visibility: 'private', gated: 'auto', lfsThresholdBytes: 5_000_000 };
    expect(await change('updateSettings', { repo: { name: moved }, ...settings })).toEqual({ status: 200 });
    expect(steady(await read(moved))).toMatchInlineSnapshot(`
      {
        "data": {
          "card": {
            "license": "mit",
          },
          "createdAt": "<date>",
          "downloads": 0,
          "downloadsAllTime": 0,
          "fullName": "user1/moved2",
          "gated": "auto",
          "headOid": "<oid>",
          "id": "<id>",
          "isDisabled": false,
          "lastModifiedAt": "<date>",
          "lfsKeepVersions": null,
          "lfsSuffixRules": null,
          "lfsThresholdBytes": 5000000,
          "libraryName": null,
          "likesCount": 0,
          "name": "moved2",
          "namespace": "user1",
          "parameterCount": null,
          "pipelineTag": null,
          "quotaBytes": null,
          "sdk": null,
          "tags": [
            "license:mit",
          ],
          "trendingScore": 0,
          "type": "model",
          "usedBytes": 1540,
          "visibility": "private",
        },
        "status": 200,
      }
    `);
    expect(await change('updateSettings', { repo: { name: moved }, lfsThresholdBytes: 1 }))
      .toMatchInlineSnapshot(`
      {
        "error": {
          "domainCode": "BadRequest",
          "message": "The size from which files go into LFS must be a whole number from 1000000 to 157286400, or null.",
        },
        "status": 400,
      }
    `);
    expect(await change('delete', { repo: { name: moved } })).toEqual({ status: 200 });
    expect(steady(await read(moved))).toMatchInlineSnapshot(`
      {
        "error": {
          "domainCode": "RepoNotFound",
          "message": "Repository not found. Check the name and the type, and that your token may read it.",
        },
        "status": 404,
      }
    `);
  });

  it('are listed in pages, by filters, and without what the caller may not see', async ({ app, world }) => {
    const user = await world.user();
    const hidden = await world.repo(user, { isPrivate: true });
    const open = [
      await world.repo(user),
      await world.repo(user),
      await world.repo(user, { type: 'dataset' }),
    ];
    const list = async (as: typeof user | null, input?: object) =>
      (await trpcQuery({ app, user: as, path: 'repos.list', input })).data as {
        items: { name: string }[];
        nextCursor: string | null;
      };
    const names = async (as: typeof user | null, input: object) =>
      (await list(as, { namespace: user.name, ...input })).items.map(({ name }) => name);
    expect(await names(null, {})).toEqual([open[1]!.name, open[0]!.name]);
    expect(await names(user, {})).toEqual([open[1]!.name, open[0]!.name, hidden.name]);
    expect(await names(null, { type: 'dataset' })).toEqual([open[2]!.name]);
    expect(await names(user, { search: [hidden.name] })).toEqual([hidden.name]);
    const first = await list(user, { namespace: user.name, limit: 2, sort: 'createdAt' });
    const second = await list(user, {
      namespace: user.name,
      limit: 2,
      sort: 'createdAt',
      cursor: first.nextCursor,
    });
    const { type, namespace, name } = hidden;
    const input = { repo: { type, name: `${namespace}/${name}` } };
    const { data: got } = await trpcQuery({ app, user, path: 'repos.get', input });
    expect(second).toEqual({ items: [got], nextCursor: null });
    expect(steady(second)).toMatchInlineSnapshot(`
      {
        "items": [
          {
            "card": null,
            "createdAt": "<date>",
            "downloads": 0,
            "downloadsAllTime": 0,
            "fullName": "user1/repo2",
            "gated": null,
            "headOid": "<oid>",
            "id": "<id>",
            "isDisabled": false,
            "lastModifiedAt": "<date>",
            "lfsKeepVersions": null,
            "lfsSuffixRules": null,
            "lfsThresholdBytes": null,
            "libraryName": null,
            "likesCount": 0,
            "name": "repo2",
            "namespace": "user1",
            "parameterCount": null,
            "pipelineTag": null,
            "quotaBytes": null,
            "sdk": null,
            "tags": [],
            "trendingScore": 0,
            "type": "model",
            "usedBytes": 1519,
            "visibility": "private",
          },
        ],
        "nextCursor": null,
      }
    `);
    expect((await list(null)).items.length).toBeGreaterThan(0);
    const wrong = { namespace: user.name, cursor: 'x' };
    expect(await trpcQuery({ app, user, path: 'repos.list', input: wrong })).toMatchObject({
      status: 400,
      error: { domainCode: 'BadRequest' },
    });
  });
});
