import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { loadConfig } from '../../src/config.ts';
import { type Hub, openHub } from '../../src/server/hub.ts';
import { openTestHub, type TestHub } from '../support/test-hub.ts';
import { World } from '../support/world.ts';

// Two processes of one hub share the database; here each is a hub object with caches and a data directory of its own.

let first: TestHub;
let second: Hub;
let secondDir: string;

beforeAll(async () => {
  first = await openTestHub();
  secondDir = await mkdtemp(join(tmpdir(), 'hub-node-'));
  const config = loadConfig({ ...first.env, KOHAKU_HUB_DATA_DIR: secondDir });
  second = await openHub(config, pino({ level: 'silent' }), { migrate: true });
});

afterAll(async () => {
  await second.close();
  await first.close();
  await rm(secondDir, { recursive: true, force: true });
});

test('writers on both nodes share one branch, and each node sees the other at once', async () => {
  const nodes = [first.hub, second];
  const world = new World(first.hub);
  const alice = await world.user();
  const ref = await world.repo(alice);
  const worlds = nodes.map((node) => new World(node));
  const oids = await Promise.all(
    Array.from({ length: 16 }, (_, index) =>
      worlds[index % 2]!.commit(alice, ref, { [`f${index}.txt`]: `${index}` }),
    ),
  );
  for (const node of nodes) {
    const { access, revisions, history, trees } = node.services();
    const repo = await access.require(alice.actor, ref, 'read');
    const { commitOid } = await revisions.resolve(repo, 'main');
    const seen = new Set(
      (await history.list(repo, commitOid, { limit: 100 })).items.map((commit) => commit.oid),
    );
    for (const oid of oids) expect(seen).toContain(oid);
    expect(await trees.entry(repo, commitOid, 'f15.txt')).toMatchObject({ kind: 'file', sizeBytes: 2 });
  }
});

test('a right taken away on one node is gone on the other at once', async () => {
  const world = new World(first.hub);
  const alice = await world.user();
  const bob = await world.user();
  const org = await world.org(alice, [{ user: bob, role: 'member' }]);
  const ref = await world.repo(alice, { namespace: org, isPrivate: true });
  await expect(second.services().access.require(bob.actor, ref, 'write')).resolves.toMatchObject({
    role: 'member',
  });
  await first.hub.services().orgs.removeMember(alice.actor, org, bob.name);
  await expect(second.services().access.require(bob.actor, ref, 'read')).rejects.toMatchObject({
    code: 'RepoNotFound',
  });
});
