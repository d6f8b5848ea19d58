import type { SqlExecutor, SqlTransaction } from '../../db/sql.ts';
import type { RepoType } from '../repo/repo.entity.ts';
import { BUCKET_MS } from './download-recorder.ts';
import type { Period } from './period.ts';

const DAY_MS = 86_400_000;
const BUCKETS_IN_DAY = DAY_MS / BUCKET_MS;
/** Sessions tell one download from the next only within their bucket. They stay so long that a late one finds its day. */
const SESSIONS_KEPT_DAYS = 2;
/** The series reaches back a year. */
const DAYS_KEPT = 400;

/**
 * Counts the sessions of each day into its row, and forgets old sessions and days. Counting again changes nothing. A day only grows: when a
 * session comes after the others of its day were forgotten, the row stays as it was.
 * @param today UTC, `YYYY-MM-DD`.
 */
export async function rollUpDays(tx: SqlTransaction, today: string): Promise<void> {
  await tx.execute({
    text: `
      insert into daily_repo_stats (repo_id, date, download_sessions, authenticated_downloads, anonymous_downloads, total_files)
      select repo_id, date '1970-01-01' + time_bucket / ${BUCKETS_IN_DAY}, count(*), count(*) filter (where is_authenticated),
        count(*) filter (where not is_authenticated), least(sum(file_count), 2147483647)
      from download_session group by 1, 2 order by 1, 2
      on conflict (repo_id, date) do update set
        download_sessions = greatest(daily_repo_stats.download_sessions, excluded.download_sessions),
        authenticated_downloads = greatest(daily_repo_stats.authenticated_downloads, excluded.authenticated_downloads),
        anonymous_downloads = greatest(daily_repo_stats.anonymous_downloads, excluded.anonymous_downloads),
        total_files = greatest(daily_repo_stats.total_files, excluded.total_files)
      where daily_repo_stats.download_sessions < excluded.download_sessions
        or daily_repo_stats.total_files < excluded.total_files`,
  });
  await tx.execute({
    text: `
      delete from download_session
      where time_bucket < ($1::date - ${SESSIONS_KEPT_DAYS} - date '1970-01-01') * ${BUCKETS_IN_DAY}`,
    values: [today],
  });
  await tx.execute({
    text: `delete from daily_repo_stats where date < $1::date - ${DAYS_KEPT}`,
    values: [today],
  });
}

/**
 * Weight of a day in a period: 1 for its last day, falling evenly, and never 0. To be divided by the number of days. A day has at most
 * 96 × `MAX_SESSIONS_IN_BUCKET` downloads, so that an integer holds the product.
 */
const DAYS_LEFT = `(s.date - $1::date + 1)`;

/**
 * Brings the counters that lists show and sort by up to date: downloads of one period, and the trending score of another.
 * @returns how many repositories changed.
 */
export async function refreshCounters(
  sql: SqlExecutor,
  { trending, downloads }: { readonly trending: Period; readonly downloads: Period },
): Promise<number> {
  return sql.execute({
    text: `
      with recent as (
        select s.repo_id,
          sum(s.download_sessions) filter (where s.date between $2::date and $3::date) as downloads,
          coalesce(sum(s.download_sessions * ${DAYS_LEFT}) filter (where s.date between $1::date and $3::date), 0)::float8
            / ($3::date - $1::date + 1) as score
        from daily_repo_stats s where s.date between least($1::date, $2::date) and $3::date
        group by s.repo_id
      ), wanted as (
        select r.id, coalesce(recent.downloads, 0) as downloads, coalesce(recent.score, 0) as score
        from repo r left join recent on recent.repo_id = r.id
        where (r.downloads, r.trending_score) is distinct from (coalesce(recent.downloads, 0), coalesce(recent.score, 0))
      ), held as (
        -- In order of their ids, like everybody who holds several repositories.
        select id from repo where id in (select id from wanted) order by id for no key update
      )
      update repo set downloads = wanted.downloads, trending_score = wanted.score
      from held join wanted using (id) where repo.id = held.id`,
    values: [trending.start, downloads.start, downloads.end],
  });
}

/** Downloads of one day. */
export interface DayStats {
  /** `YYYY-MM-DD`, UTC. */
  readonly date: string;
  readonly downloads: number;
  readonly authenticated: number;
  readonly anonymous: number;
  readonly files: number;
}

/** Of each repository every day of the period, oldest first, those without downloads too. */
export function readDays(
  sql: SqlExecutor,
  repoIds: readonly number[],
  { start, end }: Period,
): Promise<(DayStats & { readonly repoId: number })[]> {
  return sql.query({
    name: 'read-days',
    text: `
      select r.id as "repoId", to_char(day, 'YYYY-MM-DD') as date, coalesce(s.download_sessions, 0) as downloads,
        coalesce(s.authenticated_downloads, 0) as authenticated, coalesce(s.anonymous_downloads, 0) as anonymous,
        coalesce(s.total_files, 0) as files
      from unnest($1::bigint[]) as r (id)
      cross join (select $2::date + age as day from generate_series(0, $3::date - $2::date) as age) days
      left join daily_repo_stats s on s.repo_id = r.id and s.date = day
      order by r.id, day`,
    values: [repoIds, start, end],
  });
}

/** A repository that was downloaded in a period. */
export interface TrendingRepo {
  readonly id: number;
  /** `namespace/name` */
  readonly fullName: string;
  readonly type: RepoType;
  readonly downloadsAllTime: number;
  readonly likesCount: number;
  readonly recentDownloads: number;
  readonly isPrivate: boolean;
}

export interface TrendingQuery {
  readonly type: RepoType;
  /** Null is anonymous. */
  readonly viewerId: number | null;
  readonly limit: number;
}

/** What was downloaded in the period and the viewer may see, by the same score as `refreshCounters`. */
export function listTrending(
  sql: SqlExecutor,
  { type, viewerId, limit }: TrendingQuery,
  { start, end }: Period,
): Promise<TrendingRepo[]> {
  return sql.query({
    name: 'list-trending',
    text: `
      select r.id, a.name || '/' || r.name as "fullName", r.type, r.downloads_all_time as "downloadsAllTime",
        r.likes_count as "likesCount", recent.downloads as "recentDownloads", r.is_private as "isPrivate"
      from (
        select s.repo_id, sum(s.download_sessions)::bigint as downloads, sum(s.download_sessions * ${DAYS_LEFT}) as weight
        from daily_repo_stats s where s.date between $1::date and $2::date group by s.repo_id
      ) recent
      join repo r on r.id = recent.repo_id
      join account a on a.id = r.owner_id
      left join membership m on m.org_id = r.owner_id and m.user_id = $4
      where r.type = $3 and recent.downloads > 0 and (not r.is_private or r.owner_id = $4 or m.id is not null)
      order by recent.weight desc, r.id desc limit $5`,
    values: [start, end, type, viewerId, limit],
  });
}
