import sharp from 'sharp';
import { describe, expect } from 'vitest';
import { steady } from '../../support/graphql.ts';
import { it } from '../../support/it.ts';
import { trpcMutation, trpcQuery } from '../../support/trpc.ts';

describe('account', () => {
  it('tells its owner who he is', async ({ app, world }) => {
    const user = await world.user();
    await world.org(user);
    expect(steady(await trpcQuery({ app, user, path: 'account.own' }))).toMatchInlineSnapshot(`
      {
        "data": {
          "createdAt": "<date>",
          "email": "user1@example.test",
          "fullName": null,
          "id": "<id>",
          "isEmailVerified": true,
          "name": "user1",
        },
        "status": 200,
      }
    `);
    expect(steady(await trpcQuery({ app, user, path: 'account.whoami' }))).toMatchInlineSnapshot(`
      {
        "data": {
          "account": {
            "createdAt": "<date>",
            "email": "user1@example.test",
            "fullName": null,
            "id": "<id>",
            "isEmailVerified": true,
            "name": "user1",
          },
          "organizations": [
            {
              "fullName": null,
              "id": "<id>",
              "name": "org2",
              "role": "super-admin",
            },
          ],
          "token": {
            "createdAt": "<date>",
            "name": "test",
            "role": "write",
          },
        },
        "status": 200,
      }
    `);
    const answer = await trpcQuery({ app, user: null, path: 'account.own' });
    expect(answer.error?.domainCode).toBe('Unauthenticated');
  });

  it('tells others what they may know', async ({ app, world }) => {
    const user = await world.user();
    await world.org(user);
    await world.repo(user, { isPrivate: true });
    await world.repo(user);
    const overview = { app, path: 'account.overview', input: { username: user.name } };
    const seen = await trpcQuery({ ...overview, user: null });
    expect(steady(seen)).toMatchInlineSnapshot(`
      {
        "data": {
          "bio": null,
          "createdAt": "<date>",
          "fullName": null,
          "id": "<id>",
          "kind": "user",
          "likesCount": 0,
          "name": "user1",
          "organizations": [
            {
              "fullName": null,
              "id": "<id>",
              "name": "org2",
              "role": "super-admin",
            },
          ],
          "repoCounts": {
            "dataset": 0,
            "model": 1,
            "space": 0,
          },
          "socialLinks": null,
          "website": null,
        },
        "status": 200,
      }
    `);
    expect((await trpcQuery({ ...overview, user })).data.repoCounts.model).toBe(2);
    const profile = await trpcQuery({
      app,
      user: null,
      path: 'account.profile',
      input: { namespace: user.name },
    });
    expect(steady(profile)).toMatchInlineSnapshot(`
      {
        "data": {
          "bio": null,
          "createdAt": "<date>",
          "fullName": null,
          "id": "<id>",
          "kind": "user",
          "name": "user1",
          "socialLinks": null,
          "website": null,
        },
        "status": 200,
      }
    `);
  });

  it('has a profile that its owner changes', async ({ app, world }) => {
    const user = await world.user();
    const path = 'account.updateProfile';
    const input = { username: user.name, fullName: 'Alice', socialLinks: { github: 'alice' } };
    expect(steady(await trpcMutation({ app, user, path, input }))).toMatchInlineSnapshot(`
      {
        "data": {
          "bio": null,
          "createdAt": "<date>",
          "fullName": "Alice",
          "id": "<id>",
          "kind": "user",
          "name": "user1",
          "socialLinks": {
            "github": "alice",
          },
          "website": null,
        },
        "status": 200,
      }
    `);
    const cleared = { username: user.name, fullName: null };
    expect((await trpcMutation({ app, user, path, input: cleared })).data).toMatchObject({
      fullName: null,
      socialLinks: { github: 'alice' },
    });
  });

  it('takes another address at once where addresses are not verified', async ({ app, world }) => {
    const user = await world.user();
    const email = `new-${user.name}@example.test`;
    const asked = await trpcMutation({ app, user, path: 'account.requestEmailChange', input: { email } });
    expect(asked.data).toEqual({ isEffective: true });
    expect((await trpcQuery({ app, user, path: 'account.own' })).data).toMatchObject({
      email,
      isEmailVerified: false,
    });
    const input = { token: 'unknown' };
    const confirmed = await trpcMutation({ app, user, path: 'account.confirmEmailChange', input });
    expect(confirmed.data).toEqual({ username: null });
  });

  it('ends by its password when nothing loses its owner', async ({ app, world }) => {
    const user = await world.user();
    const org = await world.org(user);
    const input = { username: user.name, password: user.password };
    const preview = { app, user, path: 'account.deletion', input: { username: user.name } };
    expect((await trpcQuery(preview)).data).toEqual({ repos: [], organizations: [org], redirects: [] });
    const path = 'account.delete';
    expect((await trpcMutation({ app, user, path, input })).error?.domainCode).toBe('Conflict');
    await app.inject({ method: 'DELETE', url: `/org/${org}`, headers: user.headers });
    expect(
      (await trpcMutation({ app, user, path, input: { ...input, password: 'x' } })).error?.domainCode,
    ).toBe('BadRequest');
    expect(await trpcMutation({ app, user, path, input })).toEqual({ status: 200 });
    expect((await trpcQuery({ app, user, path: 'account.own' })).error?.domainCode).toBe(
      'InvalidCredentials',
    );
  });

  it('of a name is foretold', async ({ app, world }) => {
    const user = await world.user();
    const input = { organization: 'taken-name' };
    await trpcMutation({ app, user, path: 'organizations.create', input });
    const check = { app, user: null, path: 'account.checkName' };
    expect((await trpcQuery({ ...check, input: { name: user.name } })).data).toMatchObject({
      isAvailable: false,
      conflictWith: user.name,
    });
    expect(await trpcQuery({ ...check, input: { name: 'Taken-Name' } })).toMatchInlineSnapshot(`
      {
        "data": {
          "conflictWith": "taken-name",
          "isAvailable": false,
          "message": "Name conflicts with existing user or organization: taken-name (case-insensitive)",
          "normalizedName": "taken_name",
        },
        "status": 200,
      }
    `);
    expect(await trpcQuery({ ...check, input: { name: 'free-name' } })).toMatchInlineSnapshot(`
      {
        "data": {
          "conflictWith": null,
          "isAvailable": true,
          "message": "Name is available",
          "normalizedName": "free_name",
        },
        "status": 200,
      }
    `);
  });
});

describe('a picture', () => {
  it('is set, found and removed', async ({ app, world }) => {
    const user = await world.user();
    const owner = { namespace: user.name };
    const file = await sharp({ create: { width: 40, height: 30, channels: 3, background: 'red' } })
      .png()
      .toBuffer();
    const find = async () =>
      (await trpcQuery({ app, user: null, path: 'account.avatar', input: owner })).data;
    const before = await find();
    expect(before).toEqual({ tag: expect.stringMatching(/^default-/) as string, updatedAt: null });
    const input = { ...owner, imageBase64: file.toString('base64') };
    const set = await trpcMutation({ app, user, path: 'account.setAvatar', input });
    expect(set.data).toEqual({ sizeBytes: expect.any(Number) as number });
    const picture = await app.inject({ url: `/api/users/${user.name}/avatar` });
    expect(await sharp(picture.rawPayload).metadata()).toMatchObject({
      format: 'jpeg',
      width: 30,
      height: 30,
    });
    expect(await find()).toEqual({
      tag: expect.stringMatching(/^[0-9a-f]{64}$/) as string,
      updatedAt: expect.stringMatching(/^\d{4}-.*Z$/) as string,
    });
    expect(await trpcMutation({ app, user, path: 'account.removeAvatar', input: owner })).toEqual({
      status: 200,
    });
    expect(await find()).toEqual(before);
  });

  it.for([
    [{ imageBase64: 'not base64!' }, 400],
    [{ imageBase64: btoa('no picture') }, 400],
    [{ imageBase64: 'A'.repeat(2_000_000) }, 413],
  ] as const)('is refused when it is none, or too large', async ([image, status], { app, world }) => {
    const user = await world.user();
    const input = { namespace: user.name, ...image };
    expect((await trpcMutation({ app, user, path: 'account.setAvatar', input })).status).toBe(status);
  });
});
