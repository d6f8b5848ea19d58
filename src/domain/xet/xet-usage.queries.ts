import type { SqlExecutor, SqlTransaction } from '../../db/sql.ts';
import { type Sha256, sha256ToBytes } from '../../lib/sha256.ts';

/** Length of all ranges of a multirange column, as SQL. */
export function rangeBytes(column: string): string {
  return `(select coalesce(sum(upper(r) - lower(r)), 0)::bigint from unnest(${column}) as r)`;
}

/**
 * Part of a commit's transaction, after these objects were locked and linked to the repository for the first time: notes
 * which bytes of which xorbs the repository needs from now on.
 *
 * A repository is charged for what it holds: for an LFS blob once, and for each byte of a xorb once, however many of its files share it. The
 * bytes of a virtual xorb are the bytes of a blob, so they are free where that blob is charged.
 * @returns bytes to charge for xorbs; may be negative, when a blob was linked whose chunks were charged before.
 */
export async function useXetFiles(
  tx: SqlTransaction,
  repoId: number,
  sha256s: readonly Sha256[],
): Promise<number> {
  if (sha256s.length === 0) return 0;
  // Commits to two branches would not see each other's links and ranges, and charge twice what they share.
  await tx.query({
    name: 'lock-xet-usage',
    text: `select pg_advisory_xact_lock(hashtextextended('xet-usage:' || $1::bigint, 0))`,
    values: [repoId],
  });
  const [charged] = await tx.query<{ bytes: number }>({
    name: 'charge-xet-usage',
    text: `
      with added as (
        select sha256, xet_file_id from lfs_link where repo_id = $1 and sha256 = any($2::bytea[])
      ), needed as (
        select fx.xorb_id, range_agg(fx.used) as used
        from added join xet_file_xorb fx on fx.file_id = added.xet_file_id
        group by fx.xorb_id
      ), new_blob as (
        select sha256 from added where xet_file_id is null
      ), touched as (
        select xorb_id from needed
        union
        -- Chunks of a blob that is new here and whose bytes were charged before.
        select x.id from xet_xorb x join xet_repo_xorb rx on rx.repo_id = $1 and rx.xorb_id = x.id
        where x.blob_sha256 in (select sha256 from new_blob) and rx.used is not null
      ), affected as (
        select t.xorb_id, x.blob_sha256, coalesce(rx.used, '{}') as before,
          coalesce(rx.used, '{}') + coalesce(n.used, '{}') as after
        from touched t
        join xet_xorb x on x.id = t.xorb_id
        left join xet_repo_xorb rx on rx.repo_id = $1 and rx.xorb_id = t.xorb_id
        left join needed n on n.xorb_id = t.xorb_id
      ), written as (
        insert into xet_repo_xorb (repo_id, xorb_id, used)
        select $1, xorb_id, after from affected order by xorb_id
        on conflict (repo_id, xorb_id) do update set used = excluded.used
      ), priced as (
        select ${rangeBytes('before')} as before_bytes, ${rangeBytes('after')} as after_bytes,
          l.repo_id is not null as blob_is_charged, 
          coalesce(blob_sha256 in (select sha256 from new_blob), false) as blob_is_new
        from affected a
        left join lfs_link l on l.repo_id = $1 and l.sha256 = a.blob_sha256 and l.xet_file_id is null
          and l.committed_at is not null
      )
      select coalesce(sum(
        case when blob_is_charged then 0 else after_bytes end
          - case when blob_is_charged and not blob_is_new then 0 else before_bytes end
      ), 0)::bigint as bytes
      from priced`,
    values: [repoId, sha256s.map(sha256ToBytes)],
  });
  return charged?.bytes ?? 0;
}

/** What a repository's xorbs add to its logical size: the contents made of them, less what it is charged for xorbs. */
export interface XetSaving {
  readonly repoId: number;
  readonly savedBytes: number;
}

/** Reads as much as these repositories hold. Those without Xet files may be left out. */
export async function readXetSavings(
  sql: SqlExecutor,
  repoIds: readonly number[],
): Promise<readonly XetSaving[]> {
  if (repoIds.length === 0) return [];
  return sql.query<XetSaving>({
    name: 'read-xet-savings',
    text: `
      select repo_id as "repoId", sum(bytes)::bigint as "savedBytes" from (
        select l.repo_id, o.size_bytes as bytes
        from lfs_link l join lfs_object o on o.sha256 = l.sha256
        where l.repo_id = any($1::bigint[]) and l.committed_at is not null and l.xet_file_id is not null
        union all
        select rx.repo_id, -${rangeBytes('rx.used')}
        from xet_repo_xorb rx
        join xet_xorb x on x.id = rx.xorb_id
        left join lfs_link l on l.repo_id = rx.repo_id and l.sha256 = x.blob_sha256 and l.xet_file_id is null
          and l.committed_at is not null
        where rx.repo_id = any($1::bigint[]) and rx.used is not null and l.repo_id is null
      ) as parts group by repo_id`,
    values: [repoIds],
  });
}
