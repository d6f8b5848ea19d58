import { describe, expect } from 'vitest';
import { createHubClient } from '../../../schema/client/index.ts';
import type { RepoRef } from '../../../src/domain/repo/repo-ref.ts';
import { steady } from '../../support/graphql.ts';
import { Subscriber } from '../../support/subscriber.ts';
import type { TestUser } from '../../support/world.ts';
import { it } from '../listening-it.ts';

function follow(url: string, user: TestUser | null, { type, namespace, name }: RepoRef) {
  const { trpc } = createHubClient({ url, token: user?.token });
  return new Subscriber((handlers) =>
    trpc.activity.onRepo.subscribe({ repo: { type, name: `${namespace}/${name}` } }, handlers),
  );
}

describe('activity.onRepo', () => {
  it('tells what happens, with ids to go on from', async ({ hub, url, world }) => {
    const owner = await world.user();
    const ref = await world.repo(owner);
    const events = follow(url, null, ref);
    const seen: unknown[] = [await events.next()];
    await world.commit(owner, ref, { 'a.txt': 'a' });
    seen.push(await events.next());
    await hub.services().likes.like(owner.actor, ref);
    seen.push(await events.next());
    expect(steady(seen)).toMatchInlineSnapshot(`
      [
        {
          "data": {
            "downloads": 0,
            "downloadsAllTime": 0,
            "kind": "started",
            "likesCount": 0,
            "reflogId": "<id>",
            "repoId": "<id>",
          },
          "id": "1",
        },
        {
          "data": {
            "at": "<date>",
            "commit": {
              "authorEmail": "user1@users.noreply.hub.test",
              "authorName": "user1",
              "body": "",
              "committedAt": "<date>",
              "oid": "<oid>",
              "parents": [
                "<oid>",
              ],
              "title": "Change files",
              "userName": "user1",
            },
            "kind": "ref",
            "newOid": "<oid>",
            "oldOid": "<oid>",
            "refName": "refs/heads/main",
            "repoId": "<id>",
          },
          "id": "2",
        },
        {
          "data": {
            "kind": "likes",
            "likesCount": 1,
            "repoId": "<id>",
          },
          "id": "2",
        },
      ]
    `);
    events.close();
    await expect.poll(() => hub.deps.activity.size).toBe(0);
  });

  it('goes on where a broken connection ended', async ({ hub, app, url, world }) => {
    const owner = await world.user();
    const ref = await world.repo(owner);
    const events = follow(url, owner, ref);
    await events.next();
    app.server.closeAllConnections();
    const newOid = await world.commit(owner, ref, { 'a.txt': 'a' });
    const after: unknown[] = [await events.next(), await events.next()];
    expect(after).toMatchObject([{ data: { kind: 'started' } }, { data: { kind: 'ref', newOid } }]);
    events.close();
    await expect.poll(() => hub.deps.activity.size).toBe(0);
  });

  it('ends with the code of the refusal', async ({ hub, url, world }) => {
    const owner = await world.user();
    const ref = await world.repo(owner);
    const hidden = follow(url, null, await world.repo(owner, { isPrivate: true }));
    await expect(hidden.next()).rejects.toMatchObject({ data: { domainCode: 'RepoNotFound' } });
    const reader = await world.readToken(owner);
    const events = follow(url, reader, ref);
    await events.next();
    const { tokens } = hub.services();
    const token = (await tokens.list(owner.actor)).find(({ name }) => name === 'read only')!;
    await tokens.delete(owner.actor, token.id);
    await hub.deps.activity.recheck();
    await expect(events.next()).rejects.toMatchObject({ data: { domainCode: 'InvalidCredentials' } });
    expect(hub.deps.activity.size).toBe(0);
  });

  it('refuses what is no id of an event', async ({ url, world }) => {
    const { namespace, name } = await world.repo(await world.user());
    const { trpc } = createHubClient({ url });
    const events = new Subscriber((handlers) =>
      trpc.activity.onRepo.subscribe({ repo: { name: `${namespace}/${name}` }, lastEventId: 'x' }, handlers),
    );
    await expect(events.next()).rejects.toMatchObject({ data: { domainCode: 'BadRequest' } });
  });
});
