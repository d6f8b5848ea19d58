import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { HubProcess } from '../support/hub-process.ts';
import { freePort } from '../support/hub-command.ts';
import { GitClient } from './git-hub.ts';

const ROUNDS = 4;
const PUSHERS = 2;

/** A number from 0 to 1 that is the same in every run. */
function part(round: number): number {
  return (round * 0.618) % 1;
}

test(
  'a hub that is killed while it takes pushes keeps all that it acknowledged',
  { timeout: 240_000 },
  async () => {
    const dataDir = await mkdtemp(join(tmpdir(), 'hub-push-crash-'));
    await using client = await GitClient.make();
    const options = { dataDir, port: await freePort() };
    let hub = await HubProcess.start(options);
    try {
      const { token } = await hub.account('ada');
      const create = await fetch(`${hub.url}/api/repos/create`, {
        method: 'POST',
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        body: JSON.stringify({ name: 'repo', type: 'model' }),
      });
      expect(create.status).toBe(200);
      const url = Object.assign(new URL(`${hub.url}/ada/repo`), { username: 'ada', password: token }).href;
      for (let pusher = 0; pusher < PUSHERS; pusher++) await client.git('clone', '-q', url, `c${pusher}`);
      const acknowledged: string[] = [];
      const over = new AbortController();
      const push = async (clone: string): Promise<void> => {
        for (let count = 0; !over.signal.aborted; count++) {
          // Some are kept in their rows, some in the object store.
          await client.write(clone, {
            [`${clone}-${count}.txt`]: `${clone} ${count} `.repeat(count % 2 ? 1 : 50_000),
          });
          const oid = await client.commitAll(clone);
          const end = await client.try(
            '-C',
            client.path(clone),
            'push',
            'origin',
            `HEAD:refs/heads/${clone}`,
          );
          if (end.code === 0) acknowledged.push(oid);
        }
      };
      const pushers = Array.from({ length: PUSHERS }, (_, index) => push(`c${index}`));
      for (let round = 0; round < ROUNDS; round++) {
        const before = acknowledged.length;
        await expect.poll(() => acknowledged.length, { timeout: 60_000 }).toBeGreaterThan(before);
        // The next push is under way; where it is, differs from round to round.
        await delay(150 * part(round));
        await hub.kill();
        hub = await HubProcess.start(options);
      }
      over.abort();
      await Promise.all(pushers);
      expect(acknowledged.length).toBeGreaterThanOrEqual(ROUNDS);
      await hub.kill();
      await rm(join(dataDir, 'cache'), { recursive: true, force: true });
      hub = await HubProcess.start(options);
      await client.git('clone', '-q', '--mirror', url, 'all');
      const known = new Set((await client.in('all', 'rev-list', '--all')).split('\n'));
      expect(acknowledged.filter((oid) => !known.has(oid))).toEqual([]);
      expect((await client.check('all')).fsck).toBe('');
      expect(await hub.command('fsck')).toContain(': 0 problem(s).');
      expect(await readdir(join(dataDir, 'cache', 'git', 'views'))).toEqual([]);
    } finally {
      // Killed, it would leave its PostgreSQL behind, which writes a little longer.
      await hub.stop();
      await rm(dataDir, { recursive: true, force: true });
    }
  },
);
