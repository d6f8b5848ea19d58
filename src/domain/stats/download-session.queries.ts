import type { Sql, SqlTransaction } from '../../db/sql.ts';
import { downloadsCounted } from '../activity/subjects.ts';

/** Downloads of one client from one repository in one bucket, since they were last written. */
export interface DownloadRow {
  readonly repoId: number;
  /** Null is anonymous. */
  readonly userId: number | null;
  readonly clientKey: Buffer;
  readonly timeBucket: number;
  readonly fileCount: number;
  readonly firstFile: string | null;
  readonly firstAt: Date;
  readonly lastAt: Date;
}

/** Whoever has many addresses or many tokens can count as many clients, but not as more than these in a quarter of an hour. */
export const MAX_SESSIONS_IN_BUCKET = 10_000;

/**
 * Adds downloads to the sessions, and new sessions to the counters of the repositories. Several nodes may write the same
 * sessions: each counts once. Downloads from repositories that are gone are dropped.
 */
export async function saveDownloads(sql: Sql, rows: readonly DownloadRow[]): Promise<void> {
  await sql.transaction(async (tx) => {
    // Accounts before repositories, as whoever deletes an account.
    const users = await holdUsers(tx, rows);
    const repos = await holdRepos(tx, rows);
    const kept = rows.filter((row) => repos.has(row.repoId));
    if (kept.length > 0) await writeSessions(tx, kept, users);
  });
}

/** Keeps the accounts until the end of the transaction. Returns those that are here. */
async function holdUsers(
  tx: SqlTransaction,
  rows: readonly DownloadRow[],
): Promise<ReadonlySet<number | null>> {
  const ids = new Set(rows.flatMap(({ userId }) => userId ?? []));
  if (ids.size === 0) return ids;
  const found = await tx.query<{ id: number }>({
    name: 'hold-downloading-users',
    text: 'select id from account where id = any($1::bigint[]) order by id for key share',
    values: [[...ids]],
  });
  return new Set(found.map((user) => user.id));
}

/** Locks the repositories in order of their ids: whoever writes sessions of one takes turns. Returns those that are here. */
async function holdRepos(tx: SqlTransaction, rows: readonly DownloadRow[]): Promise<ReadonlySet<number>> {
  const found = await tx.query<{ id: number }>({
    name: 'hold-downloaded-repos',
    text: 'select id from repo where id = any($1::bigint[]) order by id for no key update',
    values: [[...new Set(rows.map((row) => row.repoId))]],
  });
  return new Set(found.map((repo) => repo.id));
}

async function writeSessions(
  tx: SqlTransaction,
  rows: readonly DownloadRow[],
  users: ReadonlySet<number | null>,
): Promise<void> {
  const counted = await tx.query<{ id: number }>({
    name: 'write-download-sessions',
    text: `
      with given as (
        select q.*, d.id is null as is_new
        from unnest($1::bigint[], $2::bigint[], $3::bytea[], $4::int[], $5::bigint[], $6::text[], $7::timestamptz[],
          $8::timestamptz[], $10::boolean[])
          as q (repo_id, user_id, client_key, time_bucket, file_count, first_file, first_at, last_at, is_authenticated)
        left join download_session d on d.repo_id = q.repo_id and d.time_bucket = q.time_bucket
          and d.client_key = q.client_key
      ), taken as (
        select b.repo_id, b.time_bucket, d.sessions
        from (select distinct repo_id, time_bucket from given) b
        cross join lateral (
          select count(*) as sessions from download_session d where d.repo_id = b.repo_id and d.time_bucket = b.time_bucket
        ) d
      ), placed as (
        select given.*, taken.sessions + row_number() over (
          partition by repo_id, time_bucket, is_new order by first_at, client_key) as place
        from given join taken using (repo_id, time_bucket)
      ), admitted as (
        select * from placed where not is_new or place <= $9
      ), written as (
        insert into download_session (repo_id, user_id, is_authenticated, client_key, time_bucket, file_count, first_file,
          first_download_at, last_download_at)
        select repo_id, user_id, is_authenticated, client_key, time_bucket, least(file_count, 2147483647), first_file,
          first_at, last_at
        from admitted
        on conflict (repo_id, time_bucket, client_key) do update set
          file_count = least(download_session.file_count::bigint + excluded.file_count, 2147483647),
          last_download_at = greatest(download_session.last_download_at, excluded.last_download_at)
      ), counted as (
        select repo_id, count(*) as sessions from admitted where is_new group by repo_id
      )
      update repo set downloads_all_time = downloads_all_time + counted.sessions
      from counted where repo.id = counted.repo_id returning repo.id`,
    values: [
      rows.map((row) => row.repoId),
      // Nothing is left to refer to when the account is gone.
      rows.map((row) => (users.has(row.userId) ? row.userId : null)),
      rows.map((row) => row.clientKey),
      rows.map((row) => row.timeBucket),
      rows.map((row) => row.fileCount),
      rows.map((row) => row.firstFile),
      rows.map((row) => row.firstAt),
      rows.map((row) => row.lastAt),
      MAX_SESSIONS_IN_BUCKET,
      rows.map((row) => row.userId !== null),
    ],
  });
  for (const { id } of counted) tx.announce(downloadsCounted(id));
}
