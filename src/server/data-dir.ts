import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { access, mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { hasErrorCode } from '../lib/error-code.ts';
import { StartError } from '../lib/start-error.ts';

/** Less than this would end in the middle of the first start. */
const PROBE_BYTES = 64 * 1024;

/** What the operating system says, and what it means for the operator. */
const REASONS: readonly (readonly [codes: readonly string[], reason: string])[] = [
  [['ENOSPC', 'EDQUOT'], 'is full. Free some space'],
  [['EROFS'], 'is on a file system that is read-only. Mount it for writing'],
  [['EACCES', 'EPERM'], 'may not be written by the user that runs the hub. Give it to that user'],
  [['ENOTDIR', 'EEXIST'], 'is not a directory. Move the file away that is in its place'],
  [['ENOENT'], 'cannot be made there'],
];

/**
 * Makes the data directory when it is missing, and proves that files can be kept in it.
 * @throws {StartError} with a sentence that says what to do.
 */
export async function openDataDir(dataDir: string): Promise<void> {
  try {
    await mkdir(dataDir, { recursive: true, mode: 0o700 });
    await tryToWrite(join(dataDir, `probe-${randomBytes(6).toString('hex')}`));
  } catch (error) {
    const cause = hasErrorCode(error, 'ENOENT') ? await whyNotMade(dataDir, error) : error;
    const reason = REASONS.find(([codes]) => hasErrorCode(cause, ...codes))?.[1];
    if (reason === undefined) throw error;
    throw new StartError(
      `The data directory ${dataDir} ${reason}, or choose another directory with KOHAKU_HUB_DATA_DIR.`,
      { cause },
    );
  }
}

/** Node's `mkdir` says ENOENT, too, for a parent that may not be written to, or lies on a read-only file system. */
async function whyNotMade(path: string, error: unknown): Promise<unknown> {
  const parent = dirname(path);
  try {
    await access(parent, constants.W_OK);
    return error;
  } catch (cause) {
    return hasErrorCode(cause, 'ENOENT') && parent !== path ? whyNotMade(parent, error) : cause;
  }
}

async function tryToWrite(path: string): Promise<void> {
  try {
    await writeFile(path, Buffer.alloc(PROBE_BYTES), { flag: 'wx' });
  } finally {
    await rm(path, { force: true });
  }
}
