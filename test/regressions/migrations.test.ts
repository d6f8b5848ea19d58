import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { ormOptions } from '../../src/db/orm.ts';
import { HubProcess } from '../support/hub-process.ts';

// Two hubs that made their databases at the same time met in this file: one read what the other had half written.
it('a hub that makes its database writes nothing into the sources', { timeout: 120_000 }, async () => {
  const snapshot = join(ormOptions().migrations!.path!, '.snapshot.json');
  const before = await stat(snapshot, { bigint: true });
  const dataDir = await mkdtemp(join(tmpdir(), 'hub-migrations-'));
  const hub = await HubProcess.start({ dataDir });
  await hub.stop();
  await rm(dataDir, { recursive: true });
  const after = await stat(snapshot, { bigint: true });
  expect([after.mtimeNs, after.ctimeNs]).toEqual([before.mtimeNs, before.ctimeNs]);
});
