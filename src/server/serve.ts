import { once } from 'node:events';
import type { FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import type { SshDoor } from '../../facade/ssh/ssh-door.ts';
import type { Config } from '../config.ts';
import { hasErrorCode } from '../lib/error-code.ts';
import { StartError } from '../lib/start-error.ts';
import { buildApp } from './app.ts';
import { Scheduler } from '../jobs/scheduler.ts';
import { type Hub, openHub } from './hub.ts';
import { IdleHeap } from './idle-heap.ts';
import { createJobs } from './jobs.ts';
import { openSsh } from './ssh.ts';

const SWEEP_MS = 50;

/**
 * Runs the hub until SIGINT or SIGTERM: then it takes no new requests, lets the running ones finish for at most
 * `limits.shutdownTimeoutMs`, and closes everything in order. A second signal ends the process at once.
 *
 * @throws {StartError} with a sentence that says what to do.
 */
export async function serve(config: Config, log: Logger): Promise<void> {
  endOnBugs(log);
  const stop = firstSignal(log);
  const hub = await openHub(config, log, { migrate: true, onDatabaseLost: (error) => endNow(log, error) });
  try {
    await warnOfStore(hub);
    if (stop.aborted) return;
    const app = await buildApp(hub);
    const ssh = await listenEverywhere(app, hub);
    if (config.log.format === 'text') process.stdout.write(welcome(config, ssh));
    const scheduler = new Scheduler(createJobs(config), () => hub.requestDeps());
    scheduler.start();
    const idleHeap = new IdleHeap();
    if (!stop.aborted) await once(stop, 'abort');
    idleHeap.stop();
    await scheduler.stop();
    const { shutdownTimeoutMs } = config.limits;
    await Promise.all([drain(app, shutdownTimeoutMs, log), ssh?.close(shutdownTimeoutMs)]);
  } finally {
    await hub.close();
  }
  log.info('Stopped.');
}

/** Services that speak S3 differ in what they leave out; better to hear of it now than from the first upload. */
async function warnOfStore({ deps, log }: Hub): Promise<void> {
  for (const { check, reason } of await deps.store.checkConformance()) {
    log.warn(`The object store does not do what the hub relies on: ${check}: ${reason}`);
  }
}

/** Aborted by the first signal. */
function firstSignal(log: Logger): AbortSignal {
  const controller = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      if (controller.signal.aborted) process.exit(1);
      log.info(`${signal}: stopping. Send it again to stop at once.`);
      controller.abort();
    });
  }
  return controller.signal;
}

/** After an error that nobody expected, the state of the process is unknown. */
function endOnBugs(log: Logger): void {
  process.on('uncaughtException', (error) => endNow(log, error));
  process.on('unhandledRejection', (error) => endNow(log, error));
}

function endNow(log: Logger, error: unknown): void {
  log.fatal({ err: error }, 'The hub ends because of an error that it cannot handle.');
  process.exit(1);
}

/** Returns the door for SSH, or null when there is none. When one of both cannot listen, the other one does not either. */
async function listenEverywhere(app: FastifyInstance, hub: Hub): Promise<SshDoor | null> {
  const ssh = await openSsh(hub);
  try {
    await listen(app, hub.config);
  } catch (error) {
    await ssh?.close(0);
    throw error;
  }
  return ssh;
}

async function listen(app: FastifyInstance, { host, port, baseUrl }: Config): Promise<void> {
  try {
    await app.listen({
      host,
      port,
      listenTextResolver: (address) => `Listening on ${address} as ${baseUrl}`,
    });
  } catch (error) {
    await app.close();
    if (hasErrorCode(error, 'EADDRINUSE')) {
      throw new StartError(
        `Port ${port} of ${host} is in use. Stop what uses it, or choose another with KOHAKU_HUB_PORT.`,
        { cause: error },
      );
    }
    if (hasErrorCode(error, 'EACCES', 'EADDRNOTAVAIL', 'ENOTFOUND')) {
      throw new StartError(
        `The hub cannot listen on port ${port} of ${host}: ${(error as Error).message}. ` +
          'Check KOHAKU_HUB_HOST and KOHAKU_HUB_PORT.',
        { cause: error },
      );
    }
    throw error;
  }
}

async function drain(app: FastifyInstance, timeoutMs: number, log: Logger): Promise<void> {
  const cutOff = setTimeout(() => {
    log.warn('Some requests did not finish in time and are cut off.');
    app.server.closeAllConnections();
  }, timeoutMs);
  // Node ends the connections that are idle when closing begins. Those that become idle later would be kept alive.
  const sweep = setInterval(() => app.server.closeIdleConnections(), SWEEP_MS);
  await app.close();
  clearInterval(sweep);
  clearTimeout(cutOff);
}

function welcome({ baseUrl, dataDir, database, s3 }: Config, ssh: SshDoor | null): string {
  const where = [database.url === null ? null : 'your PostgreSQL', s3 && `bucket ${s3.bucket}`].filter(
    Boolean,
  );
  return `
  Kohaku Hub is running.

    URL            ${baseUrl}${ssh ? `\n    SSH            ${ssh.url}` : ''}
    Data           ${[dataDir, ...where].join(', ')}

    First account  npm run hub -- user add <name> --admin
      or sign up   curl ${baseUrl}/api/auth/register -H 'Content-Type: application/json' \\
                     -d '{"username": "<name>", "email": "<you@example.org>", "password": "<password>"}'
    A token        npm run hub -- token create <name> --name laptop
    Use it         export HF_ENDPOINT=${baseUrl} HF_TOKEN=<token>
                   hf upload <name>/<model> ./folder

`;
}
