import { pino } from 'pino';
import { loadConfig } from '../config.ts';
import { hasErrorCode } from '../lib/error-code.ts';
import { StartError } from '../lib/start-error.ts';
import type { Hub } from '../server/hub.ts';
import { createLogger } from '../server/log.ts';

/**
 * Opens the hub for one command and closes it again. With the embedded database it works beside a hub that is running,
 * and brings the database up, with the newest schema, when none is. Results belong on stdout, so the log goes to stderr.
 */
export async function withHub<T>(env: NodeJS.ProcessEnv, work: (hub: Hub) => Promise<T>): Promise<T> {
  const config = loadConfig(env);
  const log = createLogger(config.log, pino.destination(2));
  for (const warning of config.warnings) log.warn(warning);
  // Loaded here, so that `--help` and mistakes are answered at once.
  const { openHub } = await import('../server/hub.ts');
  try {
    const hub = await openHub(config, log, { migrate: config.database.url === null, besideRunning: true });
    try {
      return await work(hub);
    } finally {
      await hub.close();
    }
  } catch (error) {
    if (!hasErrorCode(error, 'ECONNREFUSED', 'ENOENT')) throw error;
    throw new StartError(
      `The database does not answer: ${(error as Error).message}. Is the hub just starting or stopping?`,
      {
        cause: error,
      },
    );
  }
}
