import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { startEmbeddedPostgres } from '../../src/db/embedded-postgres.ts';
import { openOrm } from '../../src/db/orm.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** A PostgreSQL server for tests, as a superuser. */
    postgresUrl: string;
    /** A migrated, empty database to clone. */
    templateDatabase: string;
  }
}

const TEMPLATE = 'hub_template';

/** One server for all projects of a run. */
interface SharedServer {
  readonly url: Promise<string>;
  users: number;
  stop: () => Promise<void>;
}
const SHARED = Symbol.for('kohaku-hub.test-postgres');
const shared = globalThis as typeof globalThis & { [SHARED]?: SharedServer };

/** Starts PostgreSQL and runs the real migrations once; every test file clones the result. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const server = (shared[SHARED] ??= startServer());
  server.users++;
  project.provide('postgresUrl', await server.url);
  project.provide('templateDatabase', TEMPLATE);
  return async () => {
    server.users--;
    if (server.users === 0) await server.stop();
  };
}

function startServer(): SharedServer {
  const server: SharedServer = { users: 0, url: Promise.resolve(''), stop: async () => {} };
  return Object.assign(server, { url: start(server) });
}

async function start(server: SharedServer): Promise<string> {
  const dataDir = await mkdtemp(join(tmpdir(), 'hub-test-'));
  const log = { info() {}, warn: console.warn, error: console.error };
  const postgres = await startEmbeddedPostgres({ dataDir, log, durable: false });
  server.stop = async () => {
    await postgres.stop();
    await rm(dataDir, { recursive: true, force: true });
  };
  const { url } = postgres.connection;
  const admin = await openOrm({ url, poolSize: 1 });
  await admin.em.getConnection().execute(`create database ${TEMPLATE}`);
  await admin.close();
  const template = await openOrm({ url: databaseUrl(url, TEMPLATE), poolSize: 1 });
  await template.migrator.up();
  await template.close();
  return url;
}

/** The same server, another database. */
export function databaseUrl(serverUrl: string, database: string): string {
  const url = new URL(serverUrl);
  url.pathname = `/${database}`;
  return url.href;
}
