import { Client } from 'pg';
import { loadConfig } from '../../src/config.ts';
import { runningEmbeddedPostgres } from '../../src/db/embedded-postgres.ts';

// Disables a model in the database of a running hub, because no client call does. Reads the hub's own variables.
//
// usage: node test/clients/disable-repo.ts <namespace>/<name>
const [namespace, name] = (process.argv[2] ?? '').split('/');
const config = loadConfig(process.env);
const database = runningEmbeddedPostgres(config.dataDir);
const client = new Client({ connectionString: config.database.url ?? database.connection.url });
await client.connect();
try {
  const { rowCount } = await client.query(
    `update repo set is_disabled = true from account
     where account.id = repo.owner_id and account.name = $1 and repo.name = $2 and repo.type = 'model'`,
    [namespace, name],
  );
  if (rowCount !== 1) throw new Error(`There is no model ${namespace}/${name} to disable.`);
} finally {
  await client.end();
  await database.stop();
}
