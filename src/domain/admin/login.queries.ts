import type { SqlExecutor, SqlTransaction } from '../../db/sql.ts';
import type { TokenRole } from '../auth/access-token.entity.ts';

/** The ways in which somebody stays logged in. */
export const LOGIN_KINDS = ['sessions', 'tokens', 'ssh-keys'] as const;
export type LoginKind = (typeof LOGIN_KINDS)[number];

const TABLE_OF = { sessions: 'session', tokens: 'access_token', 'ssh-keys': 'ssh_key' } as const;

/** How somebody is logged in, newest first, without any secret. Each list ends at `MAX_LOGINS`. */
export interface Logins {
  readonly sessions: readonly {
    readonly id: number;
    readonly userAgent: string | null;
    readonly createdAt: Date;
    readonly expiresAt: Date;
  }[];
  readonly tokens: readonly {
    readonly id: number;
    readonly name: string;
    readonly role: TokenRole;
    readonly createdAt: Date;
    readonly lastUsedAt: Date | null;
    readonly expiresAt: Date | null;
  }[];
  readonly sshKeys: readonly {
    readonly id: number;
    readonly title: string;
    readonly keyType: string;
    readonly fingerprint: string;
    readonly createdAt: Date;
    readonly lastUsedAt: Date | null;
  }[];
}

const MAX_LOGINS = 1000;

export async function readLogins(sql: SqlExecutor, userId: number): Promise<Logins> {
  const [sessions, tokens, sshKeys] = await Promise.all([
    sql.query<Logins['sessions'][number]>({
      name: 'admin-read-sessions',
      text: `
        select id, user_agent as "userAgent", created_at as "createdAt", expires_at as "expiresAt"
        from session where user_id = $1 and expires_at > now() order by id desc limit ${MAX_LOGINS}`,
      values: [userId],
    }),
    sql.query<Logins['tokens'][number]>({
      name: 'admin-read-tokens',
      text: `
        select id, name, role, created_at as "createdAt", last_used_at as "lastUsedAt", expires_at as "expiresAt"
        from access_token where user_id = $1 order by id desc limit ${MAX_LOGINS}`,
      values: [userId],
    }),
    sql.query<Logins['sshKeys'][number]>({
      name: 'admin-read-ssh-keys',
      text: `
        select id, title, key_type as "keyType", fingerprint, created_at as "createdAt", last_used_at as "lastUsedAt"
        from ssh_key where user_id = $1 order by id desc limit ${MAX_LOGINS}`,
      values: [userId],
    }),
  ]);
  return { sessions, tokens, sshKeys };
}

/** Ends logins of one kind: one of them, or all. @returns how many. */
export async function deleteLogins(
  tx: SqlTransaction,
  kind: LoginKind,
  { userId, id }: { readonly userId: number; readonly id?: number },
): Promise<number> {
  return tx.execute({
    name: `admin-delete-${kind}`,
    text: `delete from ${TABLE_OF[kind]} where user_id = $1 and ($2::bigint is null or id = $2)`,
    values: [userId, id ?? null],
  });
}
