import { Client } from 'pg';
import { StartError } from '../lib/start-error.ts';

/** The schema asks for `uuidv7()` and other things that came with it. */
const MIN_MAJOR = 18;
const CONNECT_TIMEOUT_MS = 15_000;

/**
 * Proves that a configured PostgreSQL takes the hub and is new enough.
 * @param url of `KOHAKU_HUB_DATABASE_URL`; its password is never repeated.
 * @throws {StartError} with a sentence that says what to do.
 */
export async function requirePostgres(url: string): Promise<void> {
  const major = await askMajor(url);
  if (major >= MIN_MAJOR) return;
  throw new StartError(
    `${placeOf(url)} is PostgreSQL ${major}, and the hub needs ${MIN_MAJOR} or newer. ` +
      'Upgrade it, or leave KOHAKU_HUB_DATABASE_URL out for the embedded one.',
  );
}

async function askMajor(url: string): Promise<number> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: CONNECT_TIMEOUT_MS });
  // A connection that breaks meanwhile also fails the query.
  client.on('error', () => {});
  try {
    await client.connect();
    const { rows } = await client.query<{ number: number }>(
      `select current_setting('server_version_num')::int as number`,
    );
    return Math.floor(rows[0]!.number / 10_000);
  } catch (error) {
    throw new StartError(
      `${placeOf(url)} does not let the hub in: ${reasonOf(error)}. Check KOHAKU_HUB_DATABASE_URL.`,
      {
        cause: error,
      },
    );
  } finally {
    await client.end();
  }
}

function placeOf(url: string): string {
  const { host, pathname } = new URL(url);
  return `The database ${host}${pathname}`;
}

/** Node tries all addresses of a host name and puts what they said into one error without a message. */
function reasonOf(error: unknown): string {
  if (error instanceof AggregateError) return error.errors.map(reasonOf).join(', ');
  return error instanceof Error ? error.message : String(error);
}
