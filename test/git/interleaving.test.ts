import { once } from 'node:events';
import { mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test as base } from 'vitest';
import { HubClient } from '../support/hub-client.ts';
import { freePort } from '../support/hub-command.ts';
import { HubProcess } from '../support/hub-process.ts';
import { openTestHub, type TestHub } from '../support/test-hub.ts';
import { World } from '../support/world.ts';
import { GitClient, IDENTITY } from './git-hub.ts';
import { SshClient } from './ssh-hub.ts';

/** Of 16. */
const DOORS = [
  'api',
  'http',
  'ssh',
  'api',
  'http',
  'ssh',
  'api',
  'http',
  'ssh',
  'api',
  'http',
  'ssh',
  'api',
  'http',
  'ssh',
  'api',
] as const;
const COMMITS_EACH = 3;
const MAX_ATTEMPTS = 200;

interface Node {
  readonly hub: HubProcess;
  readonly sshPort: number;
  readonly dataDir: string;
}

interface Nodes {
  readonly test: TestHub;
  readonly nodes: readonly [Node, Node];
}

/** Two hubs that are processes of their own, with caches of their own, on one database and one store of objects. */
const it = base.extend('pair', { scope: 'file' }, async ({}, { onCleanup }): Promise<Nodes> => {
  const test = await openTestHub();
  const { KOHAKU_HUB_BASE_URL: _, ...env } = test.env;
  const start = async (): Promise<Node> => {
    const dataDir = await mkdtemp(join(tmpdir(), 'hub-node-'));
    await symlink(join(test.hub.config.dataDir, 'objects'), join(dataDir, 'objects'));
    const sshPort = await freePort();
    const more = { KOHAKU_HUB_DATA_DIR: dataDir, KOHAKU_HUB_SSH_PORT: String(sshPort) };
    const hub = await HubProcess.start({ dataDir, env: { ...env, ...more } });
    return { hub, sshPort, dataDir };
  };
  const nodes = [await start(), await start()] as const;
  onCleanup(async () => {
    for (const { hub, dataDir } of nodes) {
      await hub.stop();
      await rm(dataDir, { recursive: true, force: true });
    }
    await test.close();
  });
  return { test, nodes };
});

/** What a writer was told is done. */
interface Acknowledged {
  readonly oid: string;
  readonly title: string;
  readonly door: string;
}

it('writers through all doors of two hubs share one branch', { timeout: 300_000 }, async ({ pair }) => {
  const { test, nodes } = pair;
  const world = new World(test.hub);
  const user = await world.user();
  const repo = await world.repo(user);
  const id = `${repo.namespace}/${repo.name}`;
  await using client = await GitClient.make();
  await using terminal = await SshClient.make();
  const key = await terminal.keyPair();
  await test.hub.services().sshKeys.add(user.actor, { title: 'test', key: key.line });
  const git = terminal.git(client, key);
  const remotes = {
    http: ({ hub }: Node) => `http://anybody:${user.token}@127.0.0.1:${hub.port}/${id}`,
    ssh: ({ sshPort }: Node) => `ssh://git@127.0.0.1:${sshPort}/${id}.git`,
  };
  const acknowledged: Acknowledged[] = [];
  const pushes = new EventTarget();
  let refusedCount = 0;
  let pusherCount = DOORS.filter((door) => door !== 'api').length;

  /** At once, on both hubs. */
  const acknowledge = async (one: Acknowledged): Promise<void> => {
    acknowledged.push(one);
    for (const { hub } of nodes) {
      const answer = await fetch(`${hub.url}/${id}/resolve/main/${one.title}.txt`);
      expect([one, answer.status, await answer.text()]).toEqual([one, 200, one.title]);
      const head = await fetch(`${hub.url}/api/models/${id}/commits/${one.oid}?limit=1`);
      expect([one, head.status, await head.json()]).toMatchObject([one, 200, [{ id: one.oid }]]);
    }
  };

  const commitByApi = async (writer: number, node: Node): Promise<void> => {
    const api = new HubClient(node.hub.url, user.token);
    for (let count = 0; count < COMMITS_EACH; count++) {
      const title = `w${writer}-${count}`;
      const oid = await api.commitFiles(id, { [`${title}.txt`]: Buffer.from(title) }, title);
      await acknowledge({ oid, title, door: 'api' });
      // So that commits by API come between the pushes, and not before all of them.
      if (pusherCount > 0) await once(pushes, 'pushed');
    }
  };

  const push = async (writer: number, node: Node, door: 'http' | 'ssh'): Promise<void> => {
    const clone = `w${writer}`;
    await git.git('clone', '-q', remotes[door](node), clone);
    const joins = writer % 2 ? '--rebase' : '--no-rebase';
    for (let count = 0; count < COMMITS_EACH; count++) {
      const title = `${clone}-${count}`;
      await git.write(clone, { [`${title}.txt`]: title });
      await git.commitAll(clone, title);
      for (let attempt = 0; ; attempt++) {
        const end = await git.push(clone, 'origin', 'HEAD:main');
        if (end.code === 0) break;
        expect([attempt < MAX_ATTEMPTS, end.stderr]).toEqual([
          true,
          expect.stringMatching(/\[(?:remote )?rejected\].*\((?:fetch first|non-fast-forward)\)/),
        ]);
        refusedCount++;
        await git.in(clone, ...IDENTITY, 'pull', '-q', joins, 'origin', 'main');
      }
      await acknowledge({ oid: await git.in(clone, 'rev-parse', 'HEAD'), title, door });
      pushes.dispatchEvent(new Event('pushed'));
    }
  };

  await Promise.all(
    DOORS.map(async (door, writer) => {
      const node = nodes[writer % 2]!;
      if (door === 'api') return commitByApi(writer, node);
      try {
        await push(writer, node, door);
      } finally {
        pusherCount--;
        pushes.dispatchEvent(new Event('pushed'));
      }
    }),
  );

  expect(acknowledged).toHaveLength(DOORS.length * COMMITS_EACH);
  // Else nobody got into anybody's way.
  expect(refusedCount).toBeGreaterThan(0);
  for (const [index, node] of nodes.entries()) {
    await git.git('clone', '-q', remotes.http(node), `all${index}`);
    expect((await git.check(`all${index}`)).fsck).toBe('');
    const known = (await git.in(`all${index}`, 'log', '--format=%H %s')).split('\n');
    const oids = new Set(known.map((line) => line.slice(0, 40)));
    expect(acknowledged.filter(({ oid }) => !oids.has(oid))).toEqual([]);
    const titles = known.map((line) => line.slice(41)).filter((title) => /^w\d+-\d+$/.test(title));
    expect(titles.toSorted()).toEqual(acknowledged.map(({ title }) => title).toSorted());
  }

  const { storeId } = await test.hub.services().access.require(user.actor, repo, 'read');
  const moves = await test.hub.deps.sql.query<{ old: string | null; new: string; via: string }>({
    text: `
      select encode(old_oid, 'hex') as old, encode(new_oid, 'hex') as new, via from git_reflog
      where store_id = $1 and name = 'refs/heads/main' order by id`,
    values: [storeId],
  });
  expect(moves.map((move) => move.old)).toEqual([null, ...moves.map((move) => move.new)].slice(0, -1));
  expect(moves.at(-1)!.new).toBe(await git.in('all0', 'rev-parse', 'HEAD'));
  // The first one is that of the new repository. What was told to be done was done, by its door, and nothing else was.
  const told = new Map(acknowledged.map(({ oid, door }) => [oid, door === 'api' ? door : `git-${door}`]));
  expect(new Map(moves.slice(1).map((move) => [move.new, move.via]))).toEqual(told);
  for (const { hub } of nodes) {
    const logged = hub.output.split('\n').filter((line) => line.startsWith('{'));
    expect(logged).toEqual([]);
  }
});
