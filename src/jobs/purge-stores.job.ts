import type { Deps } from '../domain/deps.ts';
import type { Job } from './job.ts';

const ROWS_AT_A_TIME = 20_000;

/** Tables of a store that no foreign key clears. */
const TABLES = ['git_object', 'path_change', 'git_commit', 'git_reflog', 'git_ref'] as const;

/**
 * Removes the versions of deleted repositories, in small steps. Bytes are only announced here: the sweep of storage
 * intents deletes them, so that a crash between rows and bytes leaves nothing behind.
 */
export async function purgeStores(deps: Deps): Promise<{ stores: number }> {
  const stores = await deps.sql.query<{ id: number }>({
    text: 'select id from git_store where repo_id is null order by id',
  });
  for (const { id } of stores) {
    for (const table of TABLES) await purgeTable(deps, table, id);
    await purgeSegments(deps, id);
  }
  return { stores: stores.length };
}

async function purgeTable({ sql }: Deps, table: (typeof TABLES)[number], storeId: number): Promise<void> {
  let deleted: number;
  do {
    deleted = await sql.execute({
      // A row's place is unique in its partition, and all rows of a store lie in one.
      text: `
        delete from ${table} where store_id = $1
        and ctid = any(array(select ctid from ${table} where store_id = $1 limit ${ROWS_AT_A_TIME}))`,
      values: [storeId],
    });
  } while (deleted > 0);
}

async function purgeSegments({ sql }: Deps, storeId: number): Promise<void> {
  await sql.transaction(async (tx) => {
    await tx.execute({
      text: `
        insert into storage_intent (key, expires_at)
        select s.storage_key || suffix, now()
        from git_segment s, unnest(array['.pack', '.idx']) as suffix
        where s.store_id = $1 and s.storage_key is not null
        on conflict do nothing`,
      values: [storeId],
    });
    await tx.execute({ text: 'delete from git_segment where store_id = $1', values: [storeId] });
    await tx.execute({ text: 'delete from git_store where id = $1', values: [storeId] });
  });
}

export const purgeStoresJob: Job = { name: 'purge-stores', intervalMs: 60_000, run: purgeStores };
