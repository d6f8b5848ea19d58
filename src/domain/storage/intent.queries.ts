import type { Sql, SqlExecutor, SqlTransaction } from '../../db/sql.ts';
import { type ObjectKey, parseObjectKey } from '../../storage/keys.ts';

/**
 * How bytes and rows stay in step: an intent row is written before bytes go to a key, and the transaction that makes
 * a row name the key deletes it again. An intent that outlives its time belongs to a write that died. The sweeper
 * first renames it (`!` cannot start a key), so that a slow writer notices instead of naming bytes that are going away.
 */
const INTENT_TTL_HOURS = 24;
/** After so long, a claim belongs to a sweeper that died. */
const CLAIM_HOURS = 1;

/** Announces bytes at a key, which nobody has used before: every writer makes a new one. */
export async function announceBytes(sql: SqlExecutor, key: ObjectKey): Promise<void> {
  await sql.execute({
    name: 'announce-bytes',
    text: 'insert into storage_intent (key, expires_at) values ($1, now() + make_interval(hours => $2))',
    values: [key, INTENT_TTL_HOURS],
  });
}

/** In the transaction that makes a row name the key. False when the sweeper took the key: roll back. */
export async function settleBytes(tx: SqlTransaction, key: ObjectKey): Promise<boolean> {
  return (await forgetBytes(tx, key)) === 1;
}

/** No row will name the bytes at the key: the sweeper may remove them from now on. False when it did. */
export async function abandonBytes(tx: SqlTransaction, key: ObjectKey): Promise<boolean> {
  const abandoned = await tx.execute({
    name: 'abandon-bytes',
    text: 'update storage_intent set expires_at = now() where key = $1',
    values: [key],
  });
  return abandoned === 1;
}

/** After the bytes are gone, or when none were written. */
export async function forgetBytes(sql: SqlExecutor, key: ObjectKey): Promise<number> {
  return sql.execute({
    name: 'forget-bytes',
    text: 'delete from storage_intent where key = $1',
    values: [key],
  });
}

/**
 * Takes intents whose time is over, and claims of dead sweepers, for this sweeper alone. An intent whose key a row names
 * is dropped instead: bytes that are in use are never deleted, whatever the intents say. The rows are read by a
 * statement of their own, after the locks: a writer that was faster is seen, and a slower one finds its intent taken.
 */
export async function claimExpiredBytes(sql: Sql, limit: number): Promise<readonly ObjectKey[]> {
  return sql.transaction(async (tx) => {
    const expired = await tx.query<{ key: string }>({
      text: `
        select key from storage_intent i
        where expires_at < now() and not exists (select 1 from storage_intent c where c.key = '!' || i.key)
          and not exists (select 1 from lfs_upload u where u.storage_key = i.key and u.expires_at > now())
        order by expires_at limit $1 for update skip locked`,
      values: [limit],
    });
    const keys = expired.map((row) => row.key);
    await tx.execute({
      text: `
        delete from storage_intent i where i.key = any($1::text[]) and (
          exists (select 1 from lfs_object o where o.storage_key = ltrim(i.key, '!') and o.state = 'present')
          or exists (select 1 from lfs_copy c where c.storage_key = ltrim(i.key, '!'))
          or exists (select 1 from xet_xorb x where x.storage_key = ltrim(i.key, '!'))
          or exists (
            select 1 from git_segment s where s.storage_key = regexp_replace(ltrim(i.key, '!'), '\\.(pack|idx)$', '')
          )
        )`,
      values: [keys],
    });
    const claimed = await tx.query<{ key: string }>({
      text: `
        update storage_intent set key = '!' || ltrim(key, '!'), expires_at = now() + make_interval(hours => $2)
        where key = any($1::text[]) returning ltrim(key, '!') as key`,
      values: [keys, CLAIM_HOURS],
    });
    return claimed.map((row) => parseObjectKey(row.key));
  });
}

/** Claims keys whose rows were just taken out of service, in the same transaction. */
export async function claimBytes(tx: SqlTransaction, keys: readonly ObjectKey[]): Promise<void> {
  await tx.execute({
    text: `
      insert into storage_intent (key, expires_at)
      select '!' || key, now() + make_interval(hours => $2) from unnest($1::text[]) as key
      on conflict (key) do update set expires_at = excluded.expires_at`,
    values: [keys, CLAIM_HOURS],
  });
}

/** The bytes under these claimed keys are gone. */
export async function dropClaims(sql: SqlExecutor, keys: readonly ObjectKey[]): Promise<void> {
  await sql.execute({
    text: `delete from storage_intent where key in (select '!' || key from unnest($1::text[]) as key)`,
    values: [keys],
  });
}
