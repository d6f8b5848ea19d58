import { createRepo, downloadFile, pathsInfo, uploadFile } from '@huggingface/hub';
import { randomBytes } from 'node:crypto';
import { describe, expect } from 'vitest';
import { PART_BYTES, sha256Of } from '../support/lfs-world.ts';
import { it as base } from './listening-hub.ts';

const WEIGHTS = randomBytes(50_000);

/** `model`: a model with one file, uploaded by a client that was told to do without Xet. */
const it = base.extend('model', { scope: 'file' }, async ({ hub }) => {
  const owner = await hub.person();
  const repo = `${owner.user.name}/${hub.name('model')}`;
  await createRepo({ ...owner, repo });
  const file = { path: 'w.bin', content: new Blob([WEIGHTS]) };
  await uploadFile({ ...owner, repo, file, useXet: false });
  return { ...owner, repo, url: `${hub.url}/${repo}` };
});

/** Xet is offered, never demanded. */
describe('clients that do without Xet', () => {
  it('upload by LFS and download by HTTP', async ({ model }) => {
    const [item] = await pathsInfo({ ...model, paths: ['w.bin'] });
    expect(item?.lfs?.oid).toBe(sha256Of(WEIGHTS));
    for (const xet of [true, false]) {
      const blob = await downloadFile({ ...model, path: 'w.bin', xet });
      expect(Buffer.from(await blob!.arrayBuffer()).equals(WEIGHTS)).toBe(true);
    }
  });

  it('get xet only when they offer it', async ({ model }) => {
    for (const [transfers, size, transfer] of [
      [['basic', 'multipart'], 1000, 'basic'],
      [['basic', 'multipart'], 3 * PART_BYTES, 'multipart'],
      [['basic', 'multipart', 'xet'], 1000, 'xet'],
      [undefined, 1000, 'basic'],
    ] as const) {
      const response = await fetch(`${model.url}.git/info/lfs/objects/batch`, {
        method: 'POST',
        headers: { ...model.user.headers, 'content-type': 'application/vnd.git-lfs+json' },
        body: JSON.stringify({
          operation: 'upload',
          transfers,
          objects: [{ oid: sha256Of(randomBytes(8)), size }],
          hash_algo: 'sha256',
        }),
      });
      expect(await response.json()).toMatchObject({ transfer });
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
