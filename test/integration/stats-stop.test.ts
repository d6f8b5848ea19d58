import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { HubClient } from '../support/hub-client.ts';
import { HubProcess } from '../support/hub-process.ts';

const MAX_MS = 120_000;

/** All downloads as the specification's route tells them. */
async function downloadsOf(hub: HubProcess, repo: string): Promise<number> {
  const answer = await fetch(`${hub.url}/api/models/${repo}/stats`);
  return ((await answer.json()) as { downloads: number }).downloads;
}

test(
  'a hub that is stopped with SIGTERM has counted every download',
  async () => {
    const dataDir = await mkdtemp(join(tmpdir(), 'hub-stop-'));
    let hub = await HubProcess.start({ dataDir });
    try {
      const { name, token } = await hub.account('ann');
      const client = new HubClient(hub.url, token);
      const repo = `${name}/counted`;
      await client.createModel('counted');
      await client.commitFiles(repo, { 'a.txt': Buffer.from('a') });
      await client.download(repo, 'main', 'a.txt');
      await fetch(`${hub.url}/${repo}/resolve/main/a.txt`);
      const { port } = hub;
      await hub.stop();
      hub = await HubProcess.start({ dataDir, port });
      expect(await downloadsOf(hub, repo)).toBe(2);
    } finally {
      await hub.stop();
      await rm(dataDir, { recursive: true, force: true });
    }
  },
  MAX_MS,
);
