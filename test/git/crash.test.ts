import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { DELIM_PKT, encodePkt, FLUSH_PKT } from '../../src/git/pkt-line.ts';
import { HEADER, fileLine, ndjson } from '../support/content.ts';
import { HubProcess } from '../support/hub-process.ts';
import { GitClient } from './git-hub.ts';

/** Processes whose command line names this directory. */
async function processesIn(directory: string): Promise<string[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const lines = await Promise.all(
    pids.map((pid) => readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')),
  );
  return lines.filter((line) => line.startsWith('git') && line.includes(directory));
}

test('a hub that is killed leaves no git behind, and serves again from what is there', async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'hub-crash-'));
  const cache = join(dataDir, 'cache', 'git');
  await using client = await GitClient.make();
  let hub = await HubProcess.start({ dataDir });
  try {
    const { token } = await hub.account('ada');
    const authorization = `Bearer ${token}`;
    const send = async (path: string, type: string, body: string) => {
      const headers = { authorization, 'content-type': type };
      const answer = await fetch(`${hub.url}${path}`, { method: 'POST', headers, body });
      expect(answer.status).toBe(200);
      return (await answer.json()) as { commitOid: string };
    };
    await send('/api/repos/create', 'application/json', JSON.stringify({ name: 'big', type: 'model' }));
    const files = Array.from({ length: 10 }, (_, index) => fileLine(`f${index}.bin`, randomBytes(3_000_000)));
    const body = ndjson([HEADER, ...files]);
    const { commitOid } = await send('/api/models/ada/big/commit/main', 'application/x-ndjson', body);

    const fetching = Buffer.concat([
      encodePkt('command=fetch\n'),
      DELIM_PKT,
      encodePkt(`want ${commitOid}\n`),
      encodePkt('done\n'),
      FLUSH_PKT,
    ]);
    const socket = connect(hub.port, '127.0.0.1');
    socket.on('error', () => {});
    socket.write(
      `POST /ada/big/git-upload-pack HTTP/1.1\r\nhost: x\r\ngit-protocol: version=2\r\ncontent-length: ${fetching.length}\r\n\r\n`,
    );
    socket.write(fetching);
    await once(socket, 'readable');
    expect((await processesIn(cache)).length).toBeGreaterThan(0);
    await hub.kill();
    await expect.poll(() => processesIn(cache), { timeout: 10_000 }).toEqual([]);
    expect(await readdir(join(cache, 'views'))).toHaveLength(1);

    hub = await HubProcess.start({ dataDir, port: hub.port });
    await client.git('clone', '-q', `${hub.url}/ada/big`, 'c');
    expect(await client.check('c')).toEqual({ fsck: '', head: commitOid });
    expect(await readdir(join(cache, 'views'))).toEqual([]);
  } finally {
    await hub.stop();
    await rm(dataDir, { recursive: true, force: true });
  }
});
