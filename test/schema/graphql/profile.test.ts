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
    [{ website: 'javascript:alert(1)' }, /^The website must be an address/],
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
    expect(await graphql(app, null, query, { name })).toEqual({
      data: {
        checkAccountName: {
          isAvailable: false,
          normalizedName: name.replace('-', '_'),
          conflictWith: name,
          message: `Name is taken by existing user or organization: ${name}`,
        },
      },
    });
    expect(await graphql(app, null, query, { name: 'free-name' })).toEqual({
      data: {
        checkAccountName: {
          isAvailable: true,
          normalizedName: 'free_name',
          conflictWith: null,
          message: 'Name is available',
        },
      },
    });
  });
});

/** A picture, as a file. */
async function png(): Promise<Buffer> {
  return sharp({ create: { width: 8, height: 8, channels: 3, background: 'red' } })
    .png()
    .toBuffer();
}

describe('a picture', () => {
  const SET = `mutation ($input: SetAvatarInput!) {
    setAvatar(input: $input) {
      __typename
      ... on AvatarPayload { namespace { __typename name } }
      ... on DomainError { code message }
    }
  }`;
  const REMOVE = `mutation ($input: RemoveAvatarInput!) {
    removeAvatar(input: $input) {
      __typename
      ... on AvatarPayload { namespace { __typename name } }
      ... on DomainError { code message }
    }
  }`;

  it('is set, shown and removed', async ({ app, world }) => {
    const user = await world.user();
    const org = await world.org(user);
    const imageBase64 = (await png()).toString('base64');
    for (const [namespace, kind, path] of [
      [user.name, 'User', 'users'],
      [org, 'Organization', 'organizations'],
    ] as const) {
      const shown = async () => (await app.inject(`/api/${path}/${namespace}/avatar`)).rawPayload;
      const before = await shown();
      const payload = { __typename: 'AvatarPayload', namespace: { __typename: kind, name: namespace } };
      const set = await graphql(app, user, SET, { input: { namespace, imageBase64 } });
      expect(set).toEqual({ data: { setAvatar: payload } });
      const after = await sharp(await shown()).metadata();
      expect(after).toMatchObject({ format: 'jpeg', width: 8, height: 8 });
      const removed = await graphql(app, user, REMOVE, { input: { namespace } });
      expect(removed).toEqual({ data: { removeAvatar: payload } });
      expect(await shown()).toEqual(before);
      const again = await graphql(app, user, REMOVE, { input: { namespace } });
      expect(again.data.removeAvatar).toMatchObject({ code: 'NotFound' });
    }
  });

  it('must be one', async ({ app, world }) => {
    const user = await world.user();
    const set = async (imageBase64: string) =>
      (await graphql(app, user, SET, { input: { namespace: user.name, imageBase64 } })).data.setAvatar;
    expect(await set('no base64!')).toEqual({
      __typename: 'BadRequestError',
      code: 'BadRequest',
      message: 'imageBase64: this is not base64.',
    });
    expect(await set(btoa('no picture'))).toMatchObject({ code: 'BadRequest' });
    const input = { namespace: world.name('nobody'), imageBase64: (await png()).toString('base64') };
    expect((await graphql(app, user, SET, { input })).data.setAvatar).toMatchObject({ code: 'NotFound' });
  });

  const REFUSED = '... on BadRequestError { message }';

  it('is one of a few in a request: six would take the hub for long', async ({ app, world }) => {
    const user = await world.user();
    const input = { namespace: user.name, imageBase64: 'AAAA' };
    const fields = Array.from({ length: 6 }, (_, n) => `a${n}: setAvatar(input: $input) { ${REFUSED} }`);
    const document = `mutation ($input: SetAvatarInput!) { ${fields.join(' ')} }`;
    const { data } = await graphql(app, user, document, { input });
    const message = expect.stringMatching(/points; 5000 are the most/) as string;
    expect(Object.values(data as object)).toEqual(Array.from({ length: 6 }, () => ({ message })));
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
