import type { SqlExecutor, SqlTransaction } from '../../db/sql.ts';

/** A row of `external_token`. */
export interface StoredExternalToken {
  readonly url: string;
  readonly encryptedToken: Buffer;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

/** Those of a user, by URL. */
export function listExternalTokens(sql: SqlExecutor, userId: number): Promise<StoredExternalToken[]> {
  return sql.query<StoredExternalToken>({
    name: 'list-external-tokens',
    text: `
      select url, encrypted_token as "encryptedToken", created_at as "createdAt", updated_at as "updatedAt"
      from external_token where user_id = $1 order by url`,
    values: [userId],
  });
}

/** What is to be stored. */
export interface SealedToken {
  readonly url: string;
  readonly encryptedToken: Buffer;
}

/** Holds the user, so that whoever changes his tokens takes turns. False when he is gone. */
export async function holdTokensOf(tx: SqlTransaction, userId: number): Promise<boolean> {
  const rows = await tx.query({
    name: 'hold-external-tokens',
    text: 'select 1 from account where id = $1 for no key update',
    values: [userId],
  });
  return rows.length > 0;
}

/** Adds tokens, or replaces those for the same URLs. */
export async function upsertExternalTokens(
  tx: SqlTransaction,
  userId: number,
  tokens: readonly SealedToken[],
): Promise<void> {
  await tx.execute({
    name: 'upsert-external-tokens',
    text: `
      insert into external_token (user_id, url, encrypted_token)
      select $1, url, token from unnest($2::text[], $3::bytea[]) as t (url, token)
      on conflict (user_id, url) do update set encrypted_token = excluded.encrypted_token, updated_at = now()`,
    values: [userId, tokens.map(({ url }) => url), tokens.map(({ encryptedToken }) => encryptedToken)],
  });
}

export async function countExternalTokens(tx: SqlTransaction, userId: number): Promise<number> {
  const [row] = await tx.query<{ count: number }>({
    name: 'count-external-tokens',
    text: 'select count(*)::int as count from external_token where user_id = $1',
    values: [userId],
  });
  return row!.count;
}

/** @returns how many there were. */
export function deleteExternalToken(sql: SqlExecutor, userId: number, url: string): Promise<number> {
  return sql.execute({
    name: 'delete-external-token',
    text: 'delete from external_token where user_id = $1 and url = $2',
    values: [userId, url],
  });
}

/** Removes all that are for none of these URLs. */
export async function keepExternalTokens(
  tx: SqlTransaction,
  userId: number,
  urls: readonly string[],
): Promise<void> {
  await tx.execute({
    name: 'keep-external-tokens',
    text: 'delete from external_token where user_id = $1 and url <> all($2::text[])',
    values: [userId, urls],
  });
}
