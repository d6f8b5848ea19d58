import sharp from 'sharp';
import { describe, expect } from 'vitest';
import { graphql, steady } from '../../support/graphql.ts';
import { it } from '../../support/it.ts';

const UPDATE = `mutation ($input: UpdateProfileInput!) {
  updateProfile(input: $input) {
    __typename
    ... on User { name fullName bio website socialLinks }
    ... on DomainError { code message }
  }
}`;

describe('updateProfile', () => {
  it('changes what is given, and clears by null', async ({ app, world }) => {
    const user = await world.user();
    const username = user.name;
    const socialLinks = { github: 'alice' };
    const input = { username, fullName: 'Alice', bio: 'Hello', website: 'https://example.com', socialLinks };
    expect(steady(await graphql(app, user, UPDATE, { input }))).toMatchInlineSnapshot(`
      {
        "data": {
          "updateProfile": {
            "__typename": "User",
            "bio": "Hello",
            "fullName": "Alice",
            "name": "user1",
            "socialLinks": {
              "github": "alice",
            },
            "website": "https://example.com",
          },
        },
      }
    `);
    const cleared = await graphql(app, user, UPDATE, { input: { username, bio: null } });
    expect(cleared.data.updateProfile).toMatchObject({ fullName: 'Alice', bio: null, socialLinks });
  });

  it.for([
    [{ website: 'javascript:alert(1)' }, /^website: /],
    [{ socialLinks: ['x'] }, /^socialLinks: /],
    [{ socialLinks: { github: 1 } }, /^socialLinks: /],
  ] as const)('refuses %j', async ([change, message], { app, world }) => {
    const user = await world.user();
    const { data } = await graphql(app, user, UPDATE, { input: { username: user.name, ...change } });
    expect(data.updateProfile).toEqual({
      __typename: 'BadRequestError',
      code: 'BadRequest',
      message: expect.stringMatching(message) as string,
    });
  });
});

describe('checkAccountName', () => {
  it('foretells whether a name will do', async ({ app, world }) => {
    const { name } = await world.user();
    const query = `query ($name: String!) {
      checkAccountName(name: $name) { isAvailable normalizedName conflictWith message }
    }`;
    expect((await graphql(app, null, query, { name })).data.checkAccountName).toEqual({
      isAvailable: false,
      normalizedName: name.replace('-', '_'),
      conflictWith: name,
      message: `Name is taken by existing user or organization: ${name}`,
    });
    expect((await graphql(app, null, query, { name: 'free-name' })).data.checkAccountName).toEqual({
      isAvailable: true,
      normalizedName: 'free_name',
      conflictWith: null,
      message: 'Name is available',
    });
  });
});

describe('removeAvatar', () => {
  it('goes back to the default picture', async ({ app, hub, world }) => {
    const user = await world.user();
    const org = await world.org(user);
    const picture = await sharp({ create: { width: 8, height: 8, channels: 3, background: 'red' } })
      .png()
      .toBuffer();
    const { avatars } = hub.services();
    await avatars.set(user.actor, { kind: 'user', name: user.name }, picture);
    await avatars.set(user.actor, { kind: 'org', name: org }, picture);
    const remove = `mutation ($input: RemoveAvatarInput!) {
      removeAvatar(input: $input) {
        __typename
        ... on RemoveAvatarPayload { namespace { __typename name } }
        ... on DomainError { code }
      }
    }`;
    const input = { name: user.name };
    expect(steady(await graphql(app, user, remove, { input }))).toMatchInlineSnapshot(`
      {
        "data": {
          "removeAvatar": {
            "__typename": "RemoveAvatarPayload",
            "namespace": {
              "__typename": "User",
              "name": "user1",
            },
          },
        },
      }
    `);
    expect((await graphql(app, user, remove, { input })).data.removeAvatar).toMatchObject({
      code: 'NotFound',
    });
    const ofOrg = await graphql(app, user, remove, { input: { kind: 'ORG', name: org } });
    expect(ofOrg.data.removeAvatar.namespace).toEqual({ __typename: 'Organization', name: org });
  });
});

describe('deleteAccount', () => {
  const DELETE = `mutation ($input: DeleteAccountInput!) {
    deleteAccount(input: $input) { __typename ... on Deleted { id } ... on DomainError { code message } }
  }`;

  it('asks for the password, and ends the account', async ({ app, world }) => {
    const user = await world.user();
    const input = { username: user.name, password: user.password };
    const wrong = await graphql(app, user, DELETE, { input: { ...input, password: 'wrong' } });
    expect(wrong.data.deleteAccount).toMatchObject({ code: 'BadRequest' });
    expect(steady(await graphql(app, user, DELETE, { input }))).toMatchInlineSnapshot(`
      {
        "data": {
          "deleteAccount": {
            "__typename": "Deleted",
            "id": "<User>",
          },
        },
      }
    `);
    expect((await app.inject({ url: '/api/auth/me', headers: user.headers })).statusCode).toBe(401);
  });

  it('names what would lose its owner', async ({ app, world }) => {
    const user = await world.user();
    const { name } = await world.repo(user);
    const input = { username: user.name, password: user.password };
    expect((await graphql(app, user, DELETE, { input })).data.deleteAccount).toMatchObject({
      code: 'Conflict',
      message: expect.stringContaining(name) as string,
    });
  });
});
