import type { SqlExecutor } from '../../db/sql.ts';
import type { Use } from './last-use.ts';
import type { SshPublicKey } from './ssh-public-key.ts';

/** Whose a key is. */
export interface SshKeyUser {
  readonly keyId: number;
  readonly userId: number;
  readonly userName: string;
  readonly isAdmin: boolean;
}

const COLUMNS = `k.id as "keyId", a.id as "userId", a.name as "userName", a.is_admin as "isAdmin"`;

/**
 * The owner of a key who may log in now: not suspended, and with a verified address where one is asked for.
 * @param needsVerification whether accounts need a verified address.
 */
export async function findSshKeyUser(
  sql: SqlExecutor,
  { fingerprint, blob }: Pick<SshPublicKey, 'fingerprint' | 'blob'>,
  needsVerification: boolean,
): Promise<SshKeyUser | null> {
  const [found] = await sql.query<SshKeyUser>({
    name: 'find-ssh-key-user',
    text: `
      select ${COLUMNS}
      from ssh_key k join account a on a.id = k.user_id
      where k.fingerprint = $1 and k.public_key = k.key_type || ' ' || $2
        and a.is_active and a.kind = 'user' and (a.email_verified_at is not null or not $3)`,
    values: [fingerprint, blob.toString('base64'), needsVerification],
  });
  return found ?? null;
}

/** The same for a key that logged in before. */
export async function findSshKeyUserById(
  sql: SqlExecutor,
  key: Pick<SshKeyUser, 'keyId' | 'userId'>,
  needsVerification: boolean,
): Promise<SshKeyUser | null> {
  const [found] = await sql.query<SshKeyUser>({
    name: 'find-ssh-key-user-by-id',
    text: `
      select ${COLUMNS}
      from ssh_key k join account a on a.id = k.user_id
      where k.id = $1 and k.user_id = $2
        and a.is_active and a.kind = 'user' and (a.email_verified_at is not null or not $3)`,
    values: [key.keyId, key.userId, needsVerification],
  });
  return found ?? null;
}

/** Moves `last_used_at` of many keys forward. */
export async function recordSshKeyUse(sql: SqlExecutor, uses: readonly Use[]): Promise<void> {
  await sql.execute({
    name: 'record-ssh-key-use',
    text: `
      update ssh_key k set last_used_at = greatest(k.last_used_at, q.used_at)
      from unnest($1::bigint[], $2::timestamptz[]) as q (id, used_at)
      where k.id = q.id`,
    values: [uses.map((use) => use.id), uses.map((use) => use.usedAt)],
  });
}
