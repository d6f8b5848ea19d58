import { describe, expect } from 'vitest';
import { steady } from '../../support/graphql.ts';
import { it } from '../../support/it.ts';
import { trpcMutation, trpcQuery } from '../../support/trpc.ts';

describe('orgs', () => {
  it('are made, described, renamed and deleted', async ({ app, world }) => {
    const user = await world.user();
    const name = world.name('org');
    const made = await trpcMutation({
      app,
      user,
      path: 'organizations.create',
      input: { organization: name, description: 'What we do' },
    });
    expect(steady(made.data)).toMatchInlineSnapshot(`
      {
        "bio": null,
        "createdAt": "<date>",
        "description": "What we do",
        "fullName": null,
        "id": "<id>",
        "memberCount": 1,
        "name": "org1",
        "socialLinks": null,
        "website": null,
      }
    `);
    const taken = await trpcMutation({
      app,
      user,
      path: 'organizations.create',
      input: { organization: name },
    });
    expect(taken).toMatchObject({ status: 409, error: { domainCode: 'Conflict' } });
    const change = {
      organization: name,
      description: null,
      website: 'https://example.com',
      socialLinks: { github: 'us' },
    };
    const described = await trpcMutation({ app, user, path: 'organizations.updateProfile', input: change });
    expect(steady(described.data)).toMatchInlineSnapshot(`
      {
        "bio": null,
        "createdAt": "<date>",
        "description": null,
        "fullName": null,
        "id": "<id>",
        "memberCount": 1,
        "name": "org1",
        "socialLinks": {
          "github": "us",
        },
        "website": "https://example.com",
      }
    `);
    await world.repo(user, { namespace: name, isPrivate: true });
    const info = await trpcQuery({ app, user, path: 'organizations.get', input: { organization: name } });
    expect(info.data).toEqual({ ...described.data, repoCounts: { model: 1, dataset: 0, space: 0 } });
    const asStranger = await trpcQuery({
      app,
      user: null,
      path: 'organizations.get',
      input: { organization: name },
    });
    expect(asStranger.data.repoCounts).toEqual({ model: 0, dataset: 0, space: 0 });
    const to = world.name('org');
    const renamed = await trpcMutation({
      app,
      user,
      path: 'organizations.rename',
      input: { organization: name, to },
    });
    expect(renamed.data).toEqual({ name: to });
    const owning = await trpcMutation({
      app,
      user,
      path: 'organizations.delete',
      input: { organization: to },
    });
    expect(owning.error?.domainCode).toBe('Conflict');
    const other = await world.org(user);
    expect(
      await trpcMutation({ app, user, path: 'organizations.delete', input: { organization: other } }),
    ).toEqual({
      status: 200,
      data: undefined,
    });
  });

  it('list their repositories, and people theirs', async ({ app, world }) => {
    const user = await world.user();
    const org = await world.org(user);
    await world.repo(user, { namespace: org, name: 'open', type: 'space' });
    await world.repo(user, { namespace: org, name: 'closed', type: 'space', isPrivate: true });
    const input = { namespace: org, type: 'space', limit: 1 };
    const first = await trpcQuery({ app, user, path: 'organizations.repos', input });
    expect(first.data.items).toMatchObject([{ fullName: `${org}/closed`, visibility: 'private' }]);
    const cursor = first.data.nextCursor;
    const second = await trpcQuery({ app, user, path: 'organizations.repos', input: { ...input, cursor } });
    expect(second.data).toMatchObject({ items: [{ fullName: `${org}/open` }], nextCursor: null });
    const asStranger = await trpcQuery({ app, user: null, path: 'organizations.repos', input });
    expect(steady(asStranger.data)).toMatchInlineSnapshot(`
      {
        "items": [
          {
            "card": {
              "colorFrom": "blue",
              "colorTo": "indigo",
              "pinned": false,
              "sdk": "static",
              "title": "open",
            },
            "createdAt": "<date>",
            "downloads": 0,
            "downloadsAllTime": 0,
            "fullName": "org1/open",
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
            "name": "open",
            "namespace": "org1",
            "parameterCount": null,
            "pipelineTag": null,
            "quotaBytes": null,
            "sdk": "static",
            "tags": [
              "static",
            ],
            "trendingScore": 0,
            "type": "space",
            "usedBytes": 2218,
            "visibility": "public",
          },
        ],
        "nextCursor": null,
      }
    `);
    const ofUser = await trpcQuery({
      app,
      user: null,
      path: 'organizations.ofUser',
      input: { username: user.name },
    });
    expect(ofUser.data).toEqual({
      items: [{ name: org, description: null, role: 'super-admin' }],
      nextCursor: null,
    });
  });

  it('have members with roles', async ({ app, world }) => {
    const [owner, friend] = [await world.user('owner'), await world.user('friend')];
    const org = await world.org(owner);
    const input = { organization: org, username: friend.name };
    const change = (path: string, role: string) =>
      trpcMutation({ app, user: owner, path: `members.${path}`, input: { ...input, role } });
    expect(await change('add', 'visitor')).toEqual({ status: 200 });
    expect(await change('changeRole', 'admin')).toEqual({ status: 200 });
    const list = { app, user: null, path: 'members.list', input: { organization: org, limit: 1 } };
    const first = await trpcQuery(list);
    expect(first.data.items).toEqual([{ name: friend.name, fullName: null, role: 'admin' }]);
    const cursor = first.data.nextCursor;
    const second = await trpcQuery({ ...list, input: { organization: org, limit: 1, cursor } });
    expect(second.data).toEqual({
      items: [{ name: owner.name, fullName: null, role: 'super-admin' }],
      nextCursor: null,
    });
    expect(await change('changeRole', 'king')).toMatchObject({
      status: 400,
      error: { domainCode: 'BadRequest' },
    });
    expect(await trpcMutation({ app, user: friend, path: 'members.remove', input })).toEqual({
      status: 200,
    });
    expect((await trpcQuery(list)).data.items).toMatchObject([{ name: owner.name }]);
  });
});
