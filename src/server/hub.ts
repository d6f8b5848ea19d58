import type { MikroORM } from '@mikro-orm/postgresql';
import { join } from 'node:path';
import type { Logger } from 'pino';
import type { Config } from '../config.ts';
import { runningEmbeddedPostgres, startEmbeddedPostgres } from '../db/embedded-postgres.ts';
import { requirePostgres } from '../db/external-postgres.ts';
import { openOrm } from '../db/orm.ts';
import { Sql } from '../db/sql.ts';
import { ActivityFeed } from '../domain/activity/activity-feed.ts';
import { ActivityPublisher } from '../domain/activity/activity-publisher.ts';
import { notifyAll } from '../domain/activity/notify.ts';
import { AvatarRenderer } from '../domain/account/avatar-image.ts';
import { AuthRuntime } from '../domain/auth/auth-runtime.ts';
import type { Deps, SharedDeps } from '../domain/deps.ts';
import { createGitShared } from '../domain/git/git-shared.ts';
import { createHistoryShared } from '../domain/history/history-shared.ts';
import { locateLfsObjects } from '../domain/lfs/lfs.queries.ts';
import { createLfsShared } from '../domain/lfs/lfs-shared.ts';
import { MetadataReader } from '../domain/repo/metadata-reader.ts';
import { findRepos } from '../domain/repo/repo.queries.ts';
import { DownloadRecorder } from '../domain/stats/download-recorder.ts';
import { findRefs } from '../domain/version/revision.queries.ts';
import { readInstanceId } from '../domain/ops/hub-instance.queries.ts';
import { createXetShared } from '../domain/xet/xet-shared.ts';
import { createVersionCaches } from '../domain/version/version-caches.ts';
import { PackPool } from '../git/pack-pool.ts';
import { Batcher } from '../lib/batcher.ts';
import { DomainError } from '../lib/domain-error.ts';
import { type DataDirLock, DataDirLocked, lockDataDir } from '../lib/data-dir-lock.ts';
import { SecretBox } from '../lib/secret-box.ts';
import { keepGetters } from '../lib/keep-getters.ts';
import { StartError } from '../lib/start-error.ts';
import { createMailer } from '../mail/mailer.ts';
import { loadSecrets, type Secrets } from '../secrets.ts';
import { DirectoryObjectStore } from '../storage/directory-object-store.ts';
import type { ObjectStore } from '../storage/object-store.ts';
import { openObjectStore } from '../storage/open-object-store.ts';
import { openDataDir } from './data-dir.ts';
import { migrate } from './migrate.ts';
import { Services } from './services.ts';

/** Everything that lives as long as the process. */
export interface Hub {
  readonly config: Config;
  readonly log: Logger;
  readonly orm: MikroORM;
  readonly deps: SharedDeps;
  /**
   * The shared dependencies with an EntityManager of their own: one set for each request or job.
   * @param signal ends the work before its next statement. For what only reads: a change is finished, whoever waits for it.
   */
  requestDeps(signal?: AbortSignal): Deps;
  /** Services over `requestDeps`. */
  services(signal?: AbortSignal): Services;
  /** Closes what `openHub` opened, in reverse order. Call it once, after the last request. */
  close(): Promise<void>;
}

export interface OpenHubOptions {
  /** Bring the database to the newest schema first. */
  readonly migrate: boolean;
  /** Work beside a hub that holds the data directory, instead of being refused. For commands of the operator. */
  readonly besideRunning?: boolean;
  /** The embedded PostgreSQL ended although nobody stopped it. */
  readonly onDatabaseLost?: (error: StartError) => void;
}

/**
 * Opens the database (embedded unless one is configured), the object store and all that is shared.
 * @throws {StartError} with a sentence that says what to do.
 */
export async function openHub(config: Config, log: Logger, options: OpenHubOptions): Promise<Hub> {
  const closers: Closers = [];
  const close = async (): Promise<void> => {
    for (const closer of closers.splice(0).toReversed()) await closeSafely(closer, log);
  };
  try {
    await openDataDir(config.dataDir);
    const lock = takeDataDir(config.dataDir, options);
    closers.push(() => lock?.release());
    const secrets = await loadSecrets(config);
    const orm = await openDatabase({ config, log, lock, options, closers });
    if (options.migrate) await migrate(orm);
    const deps = await openSharedDeps({ config, log, orm, secrets, closers });
    const requestDeps = requestDepsOf(orm, deps);
    return {
      config,
      log,
      orm,
      deps,
      close,
      requestDeps,
      services: (signal) => new Services(requestDeps(signal)),
    };
  } catch (error) {
    await close();
    throw error;
  }
}

type Closer = () => Promise<void> | void;
type Closers = Closer[];

/** A part that fails to close must not keep the others open: the database is the last of them. */
async function closeSafely(closer: Closer, log: Logger): Promise<void> {
  try {
    await closer();
  } catch (error) {
    log.error({ err: error }, 'a part of the hub did not close cleanly');
  }
}

/** Null when another hub holds the directory and this process works beside it. */
function takeDataDir(dataDir: string, { besideRunning }: OpenHubOptions): DataDirLock | null {
  try {
    return lockDataDir(dataDir);
  } catch (error) {
    if (besideRunning && error instanceof DataDirLocked) return null;
    throw error;
  }
}

interface Opening {
  readonly config: Config;
  readonly log: Logger;
  readonly lock: DataDirLock | null;
  readonly options: OpenHubOptions;
  readonly closers: Closers;
}

async function openDatabase(opening: Opening): Promise<MikroORM> {
  const { config, log, closers } = opening;
  const { url: configured } = config.database;
  if (configured !== null) await requirePostgres(configured);
  const url = configured ?? (await openEmbedded(opening));
  const orm = await openOrm({ url, poolSize: config.database.poolSize, log });
  closers.push(() => orm.close());
  return orm;
}

/** Starts the embedded PostgreSQL, or joins that of the hub which holds the data directory. Returns its URL. */
async function openEmbedded({ config, log, lock, options, closers }: Opening): Promise<string> {
  const { onDatabaseLost: onLost } = options;
  const { dataDir } = config;
  const postgres = lock
    ? await startEmbeddedPostgres({ dataDir, log, ...(onLost ? { onLost } : {}) })
    : runningEmbeddedPostgres(dataDir);
  closers.push(() => postgres.stop());
  return postgres.connection.url;
}

interface Opened {
  readonly config: Config;
  readonly log: Logger;
  readonly orm: MikroORM;
  readonly secrets: Secrets;
  readonly closers: Closers;
}

async function openSharedDeps({ config, log, orm, secrets, closers }: Opened): Promise<SharedDeps> {
  const pool = await orm.em.getConnection().getNativeClient();
  const publisher = new ActivityPublisher({ notify: (payloads) => notifyAll(pool, payloads), log });
  const sql = new Sql(pool, (subjects) => publisher.announce(subjects));
  const activity = new ActivityFeed({ sql, log, publisher, connection: pool.options });
  // Whatever closes before it, and so later, has nothing to announce.
  closers.push(() => activity.close());
  const store = await openStore(config, secrets);
  const packPool = new PackPool();
  closers.push(() => packPool.close());
  const metadata = new MetadataReader();
  closers.push(() => metadata.close());
  const xet = createXetShared({
    secret: secrets.session,
    baseUrl: config.baseUrl,
    instanceId: await readInstanceId(sql),
    spoolDirectory: join(config.dataDir, 'spool'),
  });
  closers.push(() => xet.close());
  const git = createGitShared(config, sql, store);
  closers.push(() => git.close());
  const history = createHistoryShared();
  closers.push(() => history.close());
  const mailer = createMailer(config, log);
  const auth = new AuthRuntime({ sql, pool, mailer, log });
  closers.push(() => auth.close());
  const downloads = new DownloadRecorder({ sql, log, secret: secrets.session });
  closers.push(() => downloads.close());
  return {
    config,
    log,
    sql,
    store,
    transfers: store instanceof DirectoryObjectStore ? store.transfers : null,
    git,
    history,
    lfs: createLfsShared(secrets.session),
    xet,
    packPool,
    metadata,
    mailer,
    auth,
    activity,
    downloads,
    avatars: new AvatarRenderer(),
    secretBox: new SecretBox(secrets.databaseKey),
    ...createLoaders(sql),
    versionCaches: createVersionCaches(),
  };
}

/** @throws {StartError} with what the store said, and where to look. */
async function openStore(config: Config, secrets: Secrets): Promise<ObjectStore> {
  const directory = join(config.dataDir, 'objects');
  try {
    return await openObjectStore(config, { directory, signingSecret: Buffer.from(secrets.session) });
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    const said = error.cause instanceof Error ? ` It said: ${error.cause.message || error.cause.name}.` : '';
    const advice = config.s3
      ? 'Check KOHAKU_HUB_S3_ENDPOINT, the bucket and the keys.'
      : `Check that the user that runs the hub may write to ${directory}.`;
    throw new StartError(`${error.message}${said} ${advice}`, { cause: error });
  }
}

/** Look-ups of hot paths, joined over requests. */
function createLoaders(sql: Sql): Pick<SharedDeps, 'repoLoader' | 'refLoader' | 'lfsLoader'> {
  return {
    repoLoader: new Batcher({
      loadMany: (lookups) => findRepos(sql, lookups),
      idOf: ({ ref, userId }) => `${ref.type} ${ref.namespace}/${ref.name} ${userId}`,
    }),
    refLoader: new Batcher({
      loadMany: (lookups) => findRefs(sql, lookups),
      idOf: ({ storeId, refName }) => `${storeId} ${refName}`,
    }),
    lfsLoader: new Batcher({
      loadMany: (lookups) => locateLfsObjects(sql, lookups),
      idOf: ({ repoId, sha256 }) => `${repoId} ${sha256}`,
    }),
  };
}

/** Each inherits what all share: to copy it would cost every request some 2 µs. Hot paths never need the EntityManager. */
function requestDepsOf(orm: MikroORM, shared: SharedDeps): Hub['requestDeps'] {
  class RequestDeps {
    static {
      keepGetters(RequestDeps.prototype);
      Object.setPrototypeOf(RequestDeps.prototype, shared);
    }

    get em() {
      // Without `useContext`, nested service calls would silently leave the transaction.
      return orm.em.fork({ useContext: true });
    }
  }
  /** Look-ups that are joined with those of others go on: one statement, and the next one is not made. */
  class ReadingDeps extends RequestDeps {
    readonly #signal: AbortSignal;

    static {
      keepGetters(ReadingDeps.prototype);
    }

    constructor(signal: AbortSignal) {
      super();
      this.#signal = signal;
    }

    override get em() {
      return orm.em.fork({ useContext: true, signal: this.#signal });
    }

    get sql() {
      return shared.sql.until(this.#signal);
    }
  }
  return (signal) => (signal ? new ReadingDeps(signal) : new RequestDeps()) as Deps;
}
