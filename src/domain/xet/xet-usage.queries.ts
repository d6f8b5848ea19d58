import type { SqlTransaction } from '../../db/sql.ts';
import { type Sha256, sha256ToBytes } from '../../lib/sha256.ts';

/** Length of all ranges of a multirange column, as SQL. */
export function rangeBytes(column: string): string {
  return `(select coalesce(sum(upper(r) - lower(r)), 0)::bigint from unnest(${column}) as r)`;
}

/**
 * Part of a commit's transaction, after these objects were linked to the repository for the first time: notes which
 * bytes of which xorbs the repository needs from now on.
 *
 * A repository is charged for an LFS blob once, and for each byte of a xorb once, however many of its files share it. The
 * bytes of a virtual xorb are the bytes of a blob, so they are free where that blob is charged.
 * @returns bytes to charge for xorbs; may be negative, when a blob was linked whose chunks were charged before.
 */
export async function useXetFiles(
  tx: SqlTransaction,
  repoId: number,
  sha256s: readonly Sha256[],
): Promise<number> {
  if (sha256s.length === 0) return 0;
  const values = [repoId, sha256s.map(sha256ToBytes)];
  const affected = await tx.query<{ xorb_hash: Buffer }>({
    name: 'reserve-xet-usage',
    text: `
      insert into xet_repo_xorb (repo_id, xorb_hash)
      select distinct $1::bigint, fx.xorb_hash
      from lfs_object o join xet_file_xorb fx on fx.file_hash = o.xet_hash
      where o.sha256 = any($2::bytea[]) and o.storage_key is null
      order by fx.xorb_hash
      on conflict (repo_id, xorb_hash) do update set used = coalesce(xet_repo_xorb.used, '{}')
      returning xorb_hash`,
    values,
  });
  const [charged] = await tx.query<{ bytes: number }>({
    name: 'charge-xet-usage',
    text: `
      with needed as (
        select fx.xorb_hash, range_agg(fx.used) as used
        from lfs_object o join xet_file_xorb fx on fx.file_hash = o.xet_hash
        where o.sha256 = any($2::bytea[]) and o.storage_key is null
        group by fx.xorb_hash
      ), affected as (
        select rx.xorb_hash, coalesce(rx.used, '{}') as before, coalesce(rx.used, '{}') + coalesce(n.used, '{}') as after,
          x.blob_sha256
        from xet_repo_xorb rx
        join xet_xorb x on x.hash = rx.xorb_hash
        left join needed n on n.xorb_hash = rx.xorb_hash
        where rx.repo_id = $1
          and (rx.xorb_hash = any($3::bytea[]) or (x.blob_sha256 = any($2::bytea[]) and rx.used is not null))
      ), changed as (
        update xet_repo_xorb rx set used = a.after
        from affected a where rx.repo_id = $1 and rx.xorb_hash = a.xorb_hash
      ), priced as (
        select ${rangeBytes('before')} as before_bytes, ${rangeBytes('after')} as after_bytes,
          l.repo_id is not null as blob_is_charged, coalesce(blob_sha256 = any($2::bytea[]), false) as blob_is_new
        from affected a
        left join lfs_link l on l.repo_id = $1 and l.sha256 = a.blob_sha256 and l.committed_at is not null
      )
      select coalesce(sum(
        case when blob_is_charged then 0 else after_bytes end
          - case when blob_is_charged and not blob_is_new then 0 else before_bytes end
      ), 0)::bigint as bytes
      from priced`,
    values: [...values, affected.map((row) => row.xorb_hash)],
  });
  return charged?.bytes ?? 0;
}
