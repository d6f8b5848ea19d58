import { describe, expect } from 'vitest';
import { openBrowser } from '../../support/browser.ts';
import { steady } from '../../support/graphql.ts';
import { it } from '../../support/it.ts';
import { SAMPLE_KEYS } from '../../support/ssh-samples.ts';
import { trpcMutation, trpcQuery } from '../../support/trpc.ts';

describe('tokens', () => {
  it('are created with a secret that no list shows, and deleted', async ({ hub, app, world }) => {
    const user = await world.user();
    const input = { name: 'laptop', role: 'read', expiresInDays: 3 };
    const created = await trpcMutation({ app, user, path: 'tokens.create', input });
    expect(steady(created)).toMatchInlineSnapshot(`
      {
        "data": {
          "expiresAt": "<date>",
          "id": "<id>",
          "token": "<token>",
        },
        "status": 200,
      }
    `);
    // What was used is written behind the requests.
    await hub.deps.auth.tokenUse.flush();
    const listed = await trpcQuery({ app, user, path: 'tokens.list' });
    expect(JSON.stringify(listed)).not.toContain(created.data.token);
    expect(steady(listed)).toMatchInlineSnapshot(`
      {
        "data": [
          {
            "createdAt": "<date>",
            "expiresAt": "<date>",
            "id": "<id>",
            "lastUsedAt": null,
            "name": "laptop",
            "role": "read",
          },
          {
            "createdAt": "<date>",
            "expiresAt": null,
            "id": "<id>",
            "lastUsedAt": "<date>",
            "name": "test",
            "role": "write",
          },
        ],
        "status": 200,
      }
    `);
    const remove = () => trpcMutation({ app, user, path: 'tokens.delete', input: { id: created.data.id } });
    expect(await remove()).toEqual({ status: 200 });
    expect((await remove()).error?.domainCode).toBe('NotFound');
  });
});

describe('SSH keys', () => {
  it('are added, shown to their owner, and deleted', async ({ app, world }) => {
    const [user, other] = [await world.user(), await world.user()];
    const [sample] = SAMPLE_KEYS;
    const input = { title: 'laptop', key: `${sample.type} ${sample.base64}` };
    const added = await trpcMutation({ app, user, path: 'sshKeys.add', input });
    expect(steady(added)).toMatchInlineSnapshot(`
      {
        "data": {
          "createdAt": "<date>",
          "fingerprint": "SHA256:AylwMjpfe6HxBda9gHsFuh7gKo0Y3qbzC3WkJ1qxjSs",
          "id": "<id>",
          "keyType": "ssh-ed25519",
          "lastUsedAt": null,
          "title": "laptop",
        },
        "status": 200,
      }
    `);
    const { id } = added.data;
    expect((await trpcQuery({ app, user, path: 'sshKeys.list' })).data).toEqual([added.data]);
    expect((await trpcQuery({ app, user, path: 'sshKeys.get', input: { id } })).data).toEqual(added.data);
    const asOther = await trpcQuery({ app, user: other, path: 'sshKeys.get', input: { id } });
    expect(asOther.error?.domainCode).toBe('NotFound');
    const remove = (by: typeof user) =>
      trpcMutation({ app, user: by, path: 'sshKeys.delete', input: { id } });
    expect((await remove(other)).error?.domainCode).toBe('NotFound');
    expect(await remove(user)).toEqual({ status: 200 });
  });
});

describe('sessions', () => {
  it('are listed and ended by their owner', async ({ app, world }) => {
    const [user, other] = [await world.user(), await world.user()];
    const list = async () => (await trpcQuery({ app, user, path: 'sessions.list' })).data;
    const browser = await openBrowser(app, user);
    await openBrowser(app, user);
    expect(steady(await list())).toMatchInlineSnapshot(`
      [
        {
          "createdAt": "<date>",
          "expiresAt": "<date>",
          "id": "<id>",
          "isCurrent": false,
          "userAgent": "lightMyRequest",
        },
        {
          "createdAt": "<date>",
          "expiresAt": "<date>",
          "id": "<id>",
          "isCurrent": false,
          "userAgent": "lightMyRequest",
        },
      ]
    `);
    const { id } = (await list())[0];
    const end = (by: typeof user) => trpcMutation({ app, user: by, path: 'sessions.end', input: { id } });
    expect((await end(other)).error?.domainCode).toBe('NotFound');
    expect(await end(user)).toEqual({ status: 200 });
    await openBrowser(app, user);
    expect((await browser.trpc('sessions.endOthers')).json()).toEqual({
      result: { data: { endedCount: 1 } },
    });
    expect(await list()).toHaveLength(1);
  });
});
