import { startEmbeddedPostgres } from '../../src/db/embedded-postgres.ts';
import { lockDataDir } from '../../src/lib/data-dir-lock.ts';
import { StartError } from '../../src/lib/start-error.ts';

/** A process of its own for tests that kill it: holds the data directory and its PostgreSQL until its input ends. */
const [dataDir = ''] = process.argv.slice(2);
const say = (message: object): boolean => process.stdout.write(`${JSON.stringify(message)}\n`);

try {
  const lock = lockDataDir(dataDir);
  const log = { info() {}, warn: (warning: string) => void say({ warning }), error() {} };
  const postgres = await startEmbeddedPostgres({ dataDir, log });
  say({ url: postgres.connection.url });
  process.stdin.resume().once('end', () => void postgres.stop().then(() => lock.release()));
} catch (error) {
  if (!(error instanceof StartError)) throw error;
  say({ refused: error.message });
}
