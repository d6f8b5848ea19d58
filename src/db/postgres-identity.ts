import { chown, lchown, readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { hasErrorCode } from '../lib/error-code.ts';
import { StartError } from '../lib/start-error.ts';

/** The unprivileged user that PostgreSQL runs as; null when the hub itself is unprivileged and PostgreSQL runs as the hub. */
export type PostgresIdentity = { readonly uid: number; readonly gid: number } | null;

const ROOT = 0;

/**
 * PostgreSQL refuses to run as root, so a hub that runs as root lends it another user: the owner of the existing
 * cluster, else of the data directory, else `postgres`, else `nobody`.
 *
 * @throws {StartError} when the cluster belongs to somebody else, or root has no user to lend.
 */
export async function choosePostgresIdentity(dataDir: string, clusterDir: string): Promise<PostgresIdentity> {
  const cluster = await ownerOf(clusterDir);
  const own = process.getuid?.();
  if (own !== ROOT) {
    if (cluster && cluster.uid !== own) {
      throw new StartError(
        `The database in ${clusterDir} belongs to user ${cluster.uid}, and the hub runs as user ${own}. ` +
          'Start the hub as root or as that user, or give the data directory to the user that runs the hub.',
      );
    }
    return null;
  }
  if (process.platform !== 'linux') {
    throw new StartError(
      'The embedded PostgreSQL cannot run as root on this system. Start the hub as a plain user.',
    );
  }
  if (cluster && cluster.uid !== ROOT) return cluster;
  const identity = await unprivilegedUser(dataDir);
  // A cluster that belongs to root was copied or restored by root.
  if (cluster) await chownTree(clusterDir, identity);
  return identity;
}

async function unprivilegedUser(dataDir: string): Promise<{ uid: number; gid: number }> {
  const users = await passwdUsers();
  const owner = await ownerOf(dataDir);
  const user =
    // initdb looks its user up by name, so an owner that /etc/passwd does not know cannot be lent.
    users.find(({ uid }) => uid === owner?.uid && uid !== ROOT) ??
    users.find(({ name }) => name === 'postgres') ??
    users.find(({ name }) => name === 'nobody');
  if (!user) {
    throw new StartError(
      'PostgreSQL refuses to run as root, and /etc/passwd has neither a user "postgres" nor "nobody". ' +
        'Add one of them, or start the hub as a plain user.',
    );
  }
  return { uid: user.uid, gid: user.gid };
}

/** passwd(5): `name:password:uid:gid:…`. */
async function passwdUsers(): Promise<{ name: string; uid: number; gid: number }[]> {
  const lines = (await readFile('/etc/passwd', 'utf8')).split('\n');
  return lines.map((line) => {
    const [name = '', , uid, gid] = line.split(':');
    return { name, uid: Number(uid), gid: Number(gid) };
  });
}

async function ownerOf(path: string): Promise<{ uid: number; gid: number } | null> {
  try {
    const { uid, gid } = await stat(path);
    return { uid, gid };
  } catch (error) {
    if (hasErrorCode(error, 'ENOENT')) return null;
    throw error;
  }
}

async function chownTree(dir: string, { uid, gid }: { uid: number; gid: number }): Promise<void> {
  for (const entry of await readdir(dir, { recursive: true })) await lchown(join(dir, entry), uid, gid);
  await chown(dir, uid, gid);
}
