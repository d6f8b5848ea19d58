import type { MikroORM } from '@mikro-orm/postgresql';

/** Brings the database to the newest schema. Hubs that start together on one database wait for each other here. */
export async function migrate(orm: MikroORM): Promise<void> {
  const pool = await orm.em.getConnection().getNativeClient();
  const client = await pool.connect();
  try {
    await client.query(`select pg_advisory_lock(hashtextextended('migrations', 0))`);
    await orm.migrator.up();
  } finally {
    // Ends the session, and the lock with it.
    client.release(true);
  }
}
