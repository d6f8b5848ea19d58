import { mkdtemp, rm } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createHubClient } from '../../../schema/client/index.ts';
import { buildApp } from '../../../src/server/app.ts';
import { HubProcess } from '../../support/hub-process.ts';
import { Subscriber } from '../../support/subscriber.ts';
import { openTestHub, type TestHub } from '../../support/test-hub.ts';
import { World } from '../../support/world.ts';

const SUBSCRIPTION = `subscription ($repo: RepoRefInput!) {
  repoActivity(repo: $repo) { __typename ... on RefMoved { newOid commit { title } } }
}`;

/** Both doors' streams of one repository. */
function follow(url: string, token: string, name: string) {
  const { subscribe, trpc } = createHubClient({ url, token });
  return {
    graphql: subscribe(SUBSCRIPTION, { repo: { name } }),
    trpc: new Subscriber((handlers) => trpc.activity.onRepo.subscribe({ repo: { name } }, handlers)),
  };
}

describe('a hub that stops', () => {
  test('ends its streams with a word, and waits for nobody', async () => {
    const opened = await openTestHub();
    const { hub } = opened;
    const app = await buildApp(hub);
    await app.listen({ port: 0, host: '127.0.0.1' });
    const url = `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`;
    const world = new World(hub);
    const owner = await world.user();
    const { namespace, name } = await world.repo(owner);
    const { graphql, trpc } = follow(url, owner.token, `${namespace}/${name}`);
    await graphql.next();
    await trpc.next();
    expect(hub.deps.activity.size).toBe(2);
    const closed = app.close();
    await expect(graphql.next()).rejects.toMatchObject({ code: 'Unavailable' });
    // The client of tRPC comes again by itself: its connections are refused, and it goes on.
    await closed;
    expect(hub.deps.activity.size).toBe(0);
    trpc.close();
    await opened.close();
  });
});

describe('two processes of one hub', () => {
  let first: HubProcess;
  let second: HubProcess;
  let database: TestHub;
  const directories: string[] = [];

  beforeAll(async () => {
    const { env } = (database = await openTestHub());
    const start = async (): Promise<HubProcess> => {
      const dataDir = await mkdtemp(join(tmpdir(), 'hub-streams-'));
      directories.push(dataDir);
      return HubProcess.start({
        dataDir,
        env: { ...env, KOHAKU_HUB_DATA_DIR: dataDir, KOHAKU_HUB_GRAPHQL_OPEN: 'true' },
      });
    };
    first = await start();
    second = await start();
  });

  afterAll(async () => {
    await Promise.all([first.kill(), second.kill()]);
    await database.close();
    for (const directory of directories) await rm(directory, { recursive: true, force: true });
  });

  test('see on each the commits made through the other, by both doors', async () => {
    const { token } = await first.account('alice');
    const writer = createHubClient({ url: first.url, token }).trpc;
    const { fullName: name } = await writer.repos.create.mutate({ name: 'shared' });
    const { graphql, trpc } = follow(second.url, token, name);
    await graphql.next();
    await trpc.next();
    const { commitOid } = await writer.commits.create.mutate({
      repo: { name },
      title: 'From the first',
      operations: [{ kind: 'file', path: 'a.txt', content: 'a' }],
    });
    expect((await graphql.next()).value).toEqual({
      repoActivity: { __typename: 'RefMoved', newOid: commitOid, commit: { title: 'From the first' } },
    });
    expect(await trpc.next()).toMatchObject({ data: { kind: 'ref', newOid: commitOid } });

    // Streams are open: the process ends all the same, long before its requests would be cut off.
    await second.stop();
    await expect(graphql.next()).rejects.toMatchObject({ code: 'Unavailable' });
    trpc.close();
    expect(second.output).not.toMatch(/cut off/);
  });
});
