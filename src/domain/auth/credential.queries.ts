import type { SqlExecutor } from '../../db/sql.ts';
import type { TokenRole } from './access-token.entity.ts';
import type { Use } from './last-use.ts';

/** Whose a credential is. */
export interface CredentialUser {
  /** SHA-256 of the token or the cookie's value, hex. */
  readonly hash: string;
  readonly userId: number;
  readonly userName: string;
  readonly isAdmin: boolean;
}

export interface TokenCredential extends CredentialUser {
  readonly tokenId: number;
  readonly tokenName: string;
  readonly role: TokenRole;
}

export interface SessionCredential extends CredentialUser {
  readonly sessionId: number;
}

const USER_COLUMNS = `a.id as "userId", a.name as "userName", a.is_admin as "isAdmin"`;

/** The tokens with these hashes (hex) that are valid now: not expired, of a user who is not suspended. */
export function findTokens(sql: SqlExecutor, hashes: readonly string[]): Promise<readonly TokenCredential[]> {
  return sql.query({
    name: 'find-tokens',
    text: `
      select encode(t.token_hash, 'hex') as hash, t.id as "tokenId", t.name as "tokenName", t.role, ${USER_COLUMNS}
      from access_token t
      join account a on a.id = t.user_id
      where t.token_hash = any($1::bytea[]) and (t.expires_at is null or t.expires_at > now())
        and a.is_active and a.kind = 'user'`,
    values: [hashes.map((hash) => Buffer.from(hash, 'hex'))],
  });
}

/** The sessions with these hashes (hex) that are valid now. */
export function findSessions(
  sql: SqlExecutor,
  hashes: readonly string[],
): Promise<readonly SessionCredential[]> {
  return sql.query({
    name: 'find-sessions',
    text: `
      select encode(s.secret_hash, 'hex') as hash, s.id as "sessionId", ${USER_COLUMNS}
      from session s
      join account a on a.id = s.user_id
      where s.secret_hash = any($1::bytea[]) and s.expires_at > now() and a.is_active and a.kind = 'user'`,
    values: [hashes.map((hash) => Buffer.from(hash, 'hex'))],
  });
}

/** Moves `last_used_at` of many tokens forward. */
export async function recordTokenUse(sql: SqlExecutor, uses: readonly Use[]): Promise<void> {
  await sql.execute({
    name: 'record-token-use',
    text: `
      update access_token t set last_used_at = greatest(t.last_used_at, q.used_at)
      from unnest($1::bigint[], $2::timestamptz[]) as q (id, used_at)
      where t.id = q.id`,
    values: [uses.map((use) => use.id), uses.map((use) => use.usedAt)],
  });
}
