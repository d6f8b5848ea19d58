import { execFile } from 'node:child_process';
import { readdir, readFile, readlink, realpath, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { hasErrorCode } from '../lib/error-code.ts';
import type { Log } from '../lib/log.ts';
import { StartError } from '../lib/start-error.ts';

const POLL_MS = 50;
/** One for the cluster, one for the socket in it. */
const LOCK_FILES = ['postmaster.pid', '.s.PGSQL.5432.lock'];

/** What to send to whom, and how long to wait for the end. `SIGINT` is PostgreSQL's fast shutdown, `SIGQUIT` the immediate one. */
const STEPS = [
  { signal: 'SIGINT', waitMs: 30_000 },
  { signal: 'SIGQUIT', waitMs: 10_000 },
  { signal: 'SIGKILL', waitMs: 5_000 },
] as const;

/**
 * Ends the PostgreSQL that a killed hub left running on this cluster, and removes lock files whose process number now
 * belongs to another program. Call it only while holding the lock of the data directory.
 *
 * @throws {StartError} when the old server does not end.
 */
export async function stopOrphanedPostgres(clusterDir: string, log: Log): Promise<void> {
  const postmaster = await readPid(join(clusterDir, 'postmaster.pid'));
  let running = await postgresProcesses(clusterDir, postmaster);
  if (running.length > 0) log.warn('The last hub did not stop its PostgreSQL. Stopping it now.');
  for (const { signal, waitMs } of STEPS) {
    if (running.length === 0) break;
    // The postmaster ends its children in order. Without one, each child has to be told.
    const orderly = signal === 'SIGINT' && postmaster !== null && running.includes(postmaster);
    for (const pid of orderly ? [postmaster] : running) sendSignal(pid, signal);
    running = await waitForEnd(clusterDir, postmaster, waitMs);
  }
  if (running.length > 0) {
    throw new StartError(
      `An old PostgreSQL (pid ${running.join(', ')}) on ${clusterDir} does not end. Stop it by hand.`,
    );
  }
  // PostgreSQL takes over stale files itself, unless another program, or a process that its parent has not waited for,
  // answers to the number in them.
  for (const file of LOCK_FILES.map((name) => join(clusterDir, name))) {
    const pid = await readPid(file);
    if (pid !== null && isAlive(pid)) await rm(file);
  }
}

async function waitForEnd(clusterDir: string, postmaster: number | null, waitMs: number): Promise<number[]> {
  const deadline = Date.now() + waitMs;
  for (;;) {
    const running = await postgresProcesses(clusterDir, postmaster);
    if (running.length === 0 || Date.now() > deadline) return running;
    await delay(POLL_MS);
  }
}

/** The first line of PostgreSQL's lock files is the process id. */
async function readPid(lockFile: string): Promise<number | null> {
  try {
    const pid = Number.parseInt(await readFile(lockFile, 'utf8'), 10);
    return pid > 1 ? pid : null;
  } catch (error) {
    if (hasErrorCode(error, 'ENOENT')) return null;
    throw error;
  }
}

/** Every PostgreSQL process of this cluster, the server's children included: they outlive a killed server for a moment. */
async function postgresProcesses(clusterDir: string, postmaster: number | null): Promise<number[]> {
  if (process.platform === 'linux') return processesIn(await realpath(clusterDir));
  return postmaster !== null && (await commandOf(postmaster)).includes(clusterDir) ? [postmaster] : [];
}

/** PostgreSQL stays in its data directory for as long as it runs, which names its processes better than a command line. */
async function processesIn(dir: string): Promise<number[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const found = await Promise.all(
    pids.map(async (pid) => {
      try {
        if ((await readlink(`/proc/${pid}/cwd`)) !== dir) return false;
        // The kernel appends " (deleted)" when npm has replaced the program.
        return basename(await readlink(`/proc/${pid}/exe`)).split(' ')[0] === 'postgres';
      } catch {
        // It has ended, or belongs to a user whose processes we may not inspect and so cannot have started.
        return false;
      }
    }),
  );
  return pids.filter((_, index) => found[index]).map(Number);
}

async function commandOf(pid: number): Promise<string> {
  try {
    return (await promisify(execFile)('ps', ['-o', 'command=', '-p', String(pid)])).stdout;
  } catch {
    return '';
  }
}

function sendSignal(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if (!hasErrorCode(error, 'ESRCH')) throw error;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return hasErrorCode(error, 'EPERM');
  }
}
