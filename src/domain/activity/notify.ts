import type { Pool } from 'pg';
import { ACTIVITY_CHANNEL } from './activity-publisher.ts';

/**
 * Sends payloads to whoever listens, by one statement. It makes nobody wait for the disk: what it tells of is durable already, and its own
 * transaction holds a lock of the whole database.
 */
export async function notifyAll(pool: Pool, payloads: readonly string[]): Promise<void> {
  await pool.query({
    name: 'notify-activity',
    text: `
      select set_config('synchronous_commit', 'off', true), pg_notify($1, payload)
      from unnest($2::text[]) as payload`,
    values: [ACTIVITY_CHANNEL, payloads],
  });
}
