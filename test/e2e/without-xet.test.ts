import { createRepo, downloadFile, listFiles, pathsInfo, uploadFile } from '@huggingface/hub';
import { randomBytes } from 'node:crypto';
import { describe, expect } from 'vitest';
import { PART_BYTES, sha256Of } from '../support/lfs-world.ts';
import { collect, it as base } from './listening-hub.ts';

const WEIGHTS = randomBytes(50_000);

/** `model`: a model with one LFS file, uploaded by a client that asked for Xet first. */
const it = base.extend('model', { scope: 'file' }, async ({ hub }) => {
  const owner = await hub.person();
  const repo = `${owner.user.name}/${hub.name('model')}`;
  await createRepo({ ...owner, repo });
  await uploadFile({ ...owner, repo, file: { path: 'w.bin', content: new Blob([WEIGHTS]) } });
  return { ...owner, repo, url: `${hub.url}/${repo}`, api: `${hub.url}/api/models/${repo}` };
});

/** This hub has no Xet. Clients that can do without see that it has none, and the others get a clear answer at once. */
describe('clients that know Xet', () => {
  it('upload and download by LFS when they may choose', async ({ model }) => {
    const [item] = await pathsInfo({ ...model, paths: ['w.bin'] });
    expect(item?.lfs?.oid).toBe(sha256Of(WEIGHTS));
    const blob = await downloadFile({ ...model, path: 'w.bin' });
    expect(Buffer.from(await blob!.arrayBuffer()).equals(WEIGHTS)).toBe(true);
  });

  it('get basic or multipart when they offer xet', async ({ model }) => {
    for (const [size, transfer] of [
      [1000, 'basic'],
      [3 * PART_BYTES, 'multipart'],
    ] as const) {
      const response = await fetch(`${model.url}.git/info/lfs/objects/batch`, {
        method: 'POST',
        headers: { ...model.user.headers, 'content-type': 'application/vnd.git-lfs+json' },
        body: JSON.stringify({
          operation: 'upload',
          transfers: ['basic', 'multipart', 'xet'],
          objects: [{ oid: sha256Of(randomBytes(8)), size }],
          hash_algo: 'sha256',
        }),
      });
      expect(await response.json()).toMatchObject({ transfer });
    }
  });

  it('find no hash of Xet, neither in headers nor in lists', async ({ model }) => {
    for (const method of ['HEAD', 'GET']) {
      const { status, headers } = await fetch(`${model.url}/resolve/main/w.bin`, {
        method,
        redirect: 'manual',
      });
      const names = [...headers.keys()].filter((name) => name.startsWith('x-xet') || name === 'link');
      expect([method, status, names]).toEqual([method, 200, []]);
    }
    const items = await collect(listFiles({ ...model, expand: true }));
    for (const item of items) expect(item).not.toHaveProperty('xetHash');
    const info = await fetch(`${model.api}/revision/main?expand=xetEnabled`);
    expect(await info.json()).toMatchObject({ xetEnabled: false });
  });

  it('are told that there are no tokens for Xet', async ({ model }) => {
    for (const path of ['xet-write-token/main', 'xet-write-token/None?create_pr=1', 'xet-read-token/main']) {
      const response = await fetch(`${model.api}/${path}`, { headers: model.user.headers });
      expect([path, response.status, await response.json()]).toEqual([
        path,
        404,
        { error: expect.any(String) as string },
      ]);
    }
  });
});

describe('what clients ask at their start', () => {
  it('is answered at once, though nobody needs it', async ({ hub }) => {
    const agents = await fetch(`${hub.url}/api/agent-harnesses`);
    const telemetry = await fetch(`${hub.url}/api/telemetry/huggingface_hub/test`, { method: 'HEAD' });
    expect([agents.status, telemetry.status]).toEqual([404, 404]);
    expect(await agents.json()).toEqual({ error: expect.any(String) as string });
  });
});
