import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { StartError } from './start-error.ts';

/** Another hub holds the data directory. */
export class DataDirLocked extends StartError {
  override readonly name = 'DataDirLocked';
}

export interface DataDirLock {
  /** Gives the directory free. Calling it twice does nothing. */
  release(): void;
}

/**
 * Takes a data directory for this process alone.
 *
 * SQLite is here for one thing: it is Node's only way to an advisory file lock of the operating system (`fcntl`).
 * The kernel drops such a lock when its process ends, however it ends, so there is no stale lock to take over.
 *
 * @throws {DataDirLocked} when another process, or another lock of this process, holds the directory.
 * @throws {StartError} when this user cannot lock it.
 */
export function lockDataDir(dataDir: string): DataDirLock {
  const pidFile = join(dataDir, 'hub.pid');
  const lockFile = join(dataDir, 'hub.lock');
  const database = openLockFile(lockFile);
  try {
    database.exec('begin exclusive');
  } catch (error) {
    database.close();
    if (!isBusy(error)) throw notLockable(lockFile, error);
    throw new DataDirLocked(
      `Another hub (pid ${readPid(pidFile)}) is using the data directory ${dataDir}. ` +
        'Stop it first, or choose another directory with KOHAKU_HUB_DATA_DIR.',
      { cause: error },
    );
  }
  writeFileSync(pidFile, `${process.pid}\n`);
  return {
    release() {
      if (database.isOpen) database.close();
    },
  };
}

function openLockFile(path: string): DatabaseSync {
  try {
    return new DatabaseSync(path);
  } catch (error) {
    throw notLockable(path, error);
  }
}

function notLockable(path: string, error: unknown): StartError {
  const said = error instanceof Error ? error.message : String(error);
  return new StartError(
    `${path} cannot be locked: ${said}. Give the data directory to the user that runs the hub, or choose another ` +
      'one, on a file system that has locks, with KOHAKU_HUB_DATA_DIR.',
    { cause: error },
  );
}

/** SQLITE_BUSY (5): somebody else holds the lock. */
function isBusy(error: unknown): boolean {
  return error instanceof Error && 'errcode' in error && error.errcode === 5;
}

function readPid(pidFile: string): string {
  try {
    return readFileSync(pidFile, 'utf8').trim() || 'unknown';
  } catch {
    return 'unknown';
  }
}
