import { randomUUID } from 'node:crypto';
import { Client } from 'pg';
import { inject } from 'vitest';
import { openOrm } from '../../src/db/orm.ts';
import { databaseUrl } from './global-postgres.ts';

/** A database of a former version. */
export interface Upgrade {
  /** The last migration that it has had. */
  readonly before: string;
  /** SQL that fills it. */
  readonly rows: string;
  /** The last migration that it gets now. */
  readonly after: string;
}

/** Brings a database of a former version to a later one. @param look sees what has become of it. */
export async function upgrade(
  { before, rows, after }: Upgrade,
  look: (client: Client) => Promise<void>,
): Promise<void> {
  const serverUrl = inject('postgresUrl');
  const database = `upgrade_${randomUUID().replaceAll('-', '')}`;
  const admin = new Client({ connectionString: serverUrl });
  await admin.connect();
  await admin.query(`create database ${database}`);
  const url = databaseUrl(serverUrl, database);
  const orm = await openOrm({ url, poolSize: 2 });
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    await orm.migrator.up({ to: before });
    await client.query(rows);
    await orm.migrator.up({ to: after });
    await look(client);
  } finally {
    await client.end();
    await orm.close();
    await admin.query(`drop database ${database} with (force)`);
    await admin.end();
  }
}
