import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadConfig } from './config.ts';
import { loadSecrets } from './secrets.ts';

let dataDir: string;
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'kohaku-secrets-'));
});
afterEach(() => rm(dataDir, { recursive: true }));

const config = (more: Record<string, string> = {}) => loadConfig({ KOHAKU_HUB_DATA_DIR: dataDir, ...more });

describe('loadSecrets', () => {
  it('makes secrets once, readable by their owner alone', async () => {
    const first = await loadSecrets(config());
    expect(first.session.length).toBeGreaterThanOrEqual(32);
    expect(first.databaseKey).toHaveLength(32);
    expect((await stat(join(dataDir, 'secrets.json'))).mode & 0o777).toBe(0o600);
    expect(await readdir(dataDir)).toEqual(['secrets.json']);
    expect(await loadSecrets(config())).toEqual(first);
  });

  it('prefers what is configured', async () => {
    const generated = await loadSecrets(config());
    const mixed = await loadSecrets(config({ KOHAKU_HUB_SESSION_SECRET: 'x'.repeat(40) }));
    expect(mixed.session.toString()).toBe('x'.repeat(40));
    expect(mixed.databaseKey).toEqual(generated.databaseKey);
  });

  it('writes nothing when both are configured', async () => {
    await loadSecrets(
      config({ KOHAKU_HUB_SESSION_SECRET: 'x'.repeat(40), KOHAKU_HUB_DATABASE_KEY: '0f'.repeat(32) }),
    );
    expect(await readdir(dataDir)).toEqual([]);
  });

  it('refuses a damaged file, keeps it, and does not quote it', async () => {
    await writeFile(join(dataDir, 'secrets.json'), '{"session":"hunter2');
    await expect(loadSecrets(config())).rejects.toThrow(/secrets\.json is damaged/);
    await expect(loadSecrets(config())).rejects.not.toThrow(/hunter2/);
    expect(await readdir(dataDir)).toEqual(['secrets.json']);
  });
});
