import { randomBytes } from 'node:crypto';
import { chown, mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { hasErrorCode } from '../lib/error-code.ts';
import type { Log } from '../lib/log.ts';
import { StartError } from '../lib/start-error.ts';
import type { PostgresBinaries } from './postgres-binaries.ts';
import type { PostgresIdentity } from './postgres-identity.ts';
import { runTool } from './postgres-tool.ts';

/** Both the superuser of the embedded cluster and the name of its database. */
export const EMBEDDED_NAME = 'kohaku_hub';

const DRAFT_PREFIX = 'postgres.tmp-';

export interface ClusterPlace {
  readonly dataDir: string;
  readonly clusterDir: string;
  readonly binaries: PostgresBinaries;
  readonly identity: PostgresIdentity;
  /** False trades safety for speed; only for tests. */
  readonly durable: boolean;
  readonly log: Log;
}

/**
 * How PostgreSQL's programs name a cluster directory that is also their working directory.
 *
 * On Linux through the magic link of proc(5), which needs no right to traverse the parent directories: a hub that runs
 * as root enters the directory, then drops to a user that could not have walked there (`/root` has mode 0700).
 */
export function pathForPostgres(clusterDir: string): string {
  return process.platform === 'linux' ? '/proc/self/cwd' : clusterDir;
}

/**
 * Makes the cluster unless there is one. It is built under a temporary name and renamed when it is whole, so an
 * interrupted first start leaves nothing that a second one would trust.
 *
 * @throws {StartError} when the directory holds something else or another major version.
 */
export async function ensureCluster(place: ClusterPlace): Promise<void> {
  await removeDrafts(place.dataDir);
  const found = await clusterMajor(place.clusterDir);
  if (found === null) return createCluster(place);
  if (found === place.binaries.major) return;
  throw new StartError(
    `The database in ${place.clusterDir} was made by PostgreSQL ${found}, and this hub brings PostgreSQL ` +
      `${place.binaries.major}. Export it with the hub that made it (pg_dump) and import it into a new data directory.`,
  );
}

async function clusterMajor(clusterDir: string): Promise<string | null> {
  try {
    return (await readFile(join(clusterDir, 'PG_VERSION'), 'utf8')).trim();
  } catch (error) {
    if (!hasErrorCode(error, 'ENOENT', 'ENOTDIR')) throw error;
  }
  const entries = await listOrNull(clusterDir);
  if (entries === null) return null;
  throw new StartError(
    `${clusterDir} exists but holds no PostgreSQL database. Move it away, or restore it from a backup.`,
  );
}

async function createCluster({
  dataDir,
  clusterDir,
  binaries,
  identity,
  durable,
  log,
}: ClusterPlace): Promise<void> {
  log.info('Making the database. This happens once.');
  const draft = join(dataDir, DRAFT_PREFIX + randomBytes(6).toString('hex'));
  await mkdir(draft, { mode: 0o700 });
  if (identity) await chown(draft, identity.uid, identity.gid);
  const pgData = pathForPostgres(draft);
  try {
    await runTool({
      command: binaries.initdb,
      args: [
        `--pgdata=${pgData}`,
        `--username=${EMBEDDED_NAME}`,
        '--encoding=UTF8',
        '--locale=C',
        '--locale-provider=builtin',
        '--builtin-locale=C.UTF-8',
        '--data-checksums',
        // Only the owner of the cluster directory, mode 0700, reaches the socket in it, and there is no TCP port.
        '--auth=trust',
        '--no-instructions',
        ...(durable ? [] : ['--no-sync']),
      ],
      cwd: draft,
      identity,
    });
    await runTool({
      command: binaries.postgres,
      args: ['--single', '-D', pgData, '-c', 'exit_on_error=on', 'postgres'],
      cwd: draft,
      identity,
      input: `create database ${EMBEDDED_NAME}\n`,
    });
    await rename(draft, clusterDir);
    if (durable) await syncDirectory(dataDir);
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
}

/** The `initdb` of a killed hub may still be writing: it gives up when its files are gone, and until then we repeat. */
async function removeDrafts(dataDir: string): Promise<void> {
  for (const entry of await readdir(dataDir)) {
    if (!entry.startsWith(DRAFT_PREFIX)) continue;
    await rm(join(dataDir, entry), { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
  }
}

async function listOrNull(dir: string): Promise<string[] | null> {
  try {
    return await readdir(dir);
  } catch (error) {
    if (hasErrorCode(error, 'ENOENT')) return null;
    throw error;
  }
}

async function syncDirectory(dir: string): Promise<void> {
  await using handle = await open(dir, 'r');
  await handle.sync();
}
