import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { randomBytes, randomUUID } from 'node:crypto';
import { Client } from 'pg';
import { pino } from 'pino';
import { inject } from 'vitest';
import { loadConfig } from '../../src/config.ts';
import { type Hub, openHub } from '../../src/server/hub.ts';
import { databaseUrl } from './global-postgres.ts';

/** A hub over its own clone of the template database and its own object directory. */
export interface TestHub {
  readonly hub: Hub;
  /** Environment it was opened with, for opening a second one on the same data. */
  readonly env: Readonly<Record<string, string>>;
  close(): Promise<void>;
}

/** @param settings more `KOHAKU_HUB_*` variables, without the prefix. */
export async function openTestHub(settings: Readonly<Record<string, string>> = {}): Promise<TestHub> {
  const serverUrl = inject('postgresUrl');
  const database = `test_${randomUUID().replaceAll('-', '')}`;
  await onServer(serverUrl, `create database ${database} template ${inject('templateDatabase')}`);
  const dataDir = await mkdtemp(join(tmpdir(), 'hub-data-'));
  const env = {
    KOHAKU_HUB_DATABASE_URL: databaseUrl(serverUrl, database),
    KOHAKU_HUB_DATABASE_KEY: randomBytes(32).toString('hex'),
    KOHAKU_HUB_SESSION_SECRET: randomBytes(32).toString('hex'),
    KOHAKU_HUB_DATA_DIR: dataDir,
    KOHAKU_HUB_BASE_URL: 'http://hub.test',
    ...Object.fromEntries(Object.entries(settings).map(([name, value]) => [`KOHAKU_HUB_${name}`, value])),
  };
  const hub = await openHub(loadConfig(env), pino({ level: process.env['TEST_LOG_LEVEL'] ?? 'silent' }), {
    migrate: false,
  });
  return {
    hub,
    env,
    async close() {
      await hub.close();
      await onServer(serverUrl, `drop database ${database} with (force)`);
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

async function onServer(url: string, statement: string): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
