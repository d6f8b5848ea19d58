import { describe, expect } from 'vitest';
import { graphql, steady } from '../../support/graphql.ts';
import { it } from '../../support/it.ts';
import { SAMPLE_KEYS } from '../../support/ssh-samples.ts';

const ADD = `mutation ($input: AddSshKeyInput!) {
  addSshKey(input: $input) {
    __typename
    ... on SshKey { id title keyType fingerprint lastUsedAt createdAt }
    ... on DomainError { code message }
  }
}`;
const DELETE = `mutation ($input: DeleteSshKeyInput!) {
  deleteSshKey(input: $input) { __typename ... on Deleted { id } ... on DomainError { code message } }
}`;
const LIST = '{ viewer { sshKeys { edges { node { id title keyType fingerprint } } } } }';
const [sample] = SAMPLE_KEYS;

describe('SSH keys', () => {
  it('are added, listed and deleted by their owner', async ({ app, world }) => {
    const [user, other] = [await world.user(), await world.user()];
    const input = { title: 'laptop', key: `${sample.type} ${sample.base64} me@laptop` };
    const added = await graphql(app, user, ADD, { input });
    expect(steady(added)).toMatchInlineSnapshot(`
      {
        "data": {
          "addSshKey": {
            "__typename": "SshKey",
            "createdAt": "<date>",
            "fingerprint": "SHA256:AylwMjpfe6HxBda9gHsFuh7gKo0Y3qbzC3WkJ1qxjSs",
            "id": "<SshKey>",
            "keyType": "ssh-ed25519",
            "lastUsedAt": null,
            "title": "laptop",
          },
        },
      }
    `);
    expect(steady(await graphql(app, user, LIST))).toMatchInlineSnapshot(`
      {
        "data": {
          "viewer": {
            "sshKeys": {
              "edges": [
                {
                  "node": {
                    "fingerprint": "SHA256:AylwMjpfe6HxBda9gHsFuh7gKo0Y3qbzC3WkJ1qxjSs",
                    "id": "<SshKey>",
                    "keyType": "ssh-ed25519",
                    "title": "laptop",
                  },
                },
              ],
            },
          },
        },
      }
    `);
    expect((await graphql(app, other, ADD, { input })).data.addSshKey).toMatchObject({ code: 'Conflict' });
    const { id } = added.data.addSshKey;
    const remove = (viewer: typeof user) => graphql(app, viewer, DELETE, { input: { id } });
    expect((await remove(other)).data.deleteSshKey).toMatchObject({ code: 'NotFound' });
    expect(await remove(user)).toEqual({ data: { deleteSshKey: { __typename: 'Deleted', id } } });
    expect(await graphql(app, user, LIST)).toEqual({ data: { viewer: { sshKeys: { edges: [] } } } });
  });

  it('are refused when they are none', async ({ app, world }) => {
    const input = { title: 'laptop', key: 'no key' };
    expect((await graphql(app, await world.user(), ADD, { input })).data.addSshKey).toMatchObject({
      code: 'BadRequest',
    });
  });
});
