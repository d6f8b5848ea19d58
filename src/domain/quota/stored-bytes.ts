import { rangeBytes } from '../xet/xet-usage.queries.ts';

/**
 * What `repo r` with its `git_store s` is charged for, counted anew, as an SQL expression: its blobs, the LFS objects that its
 * commits name, once each, and the bytes of xorbs that its Xet files need, once each.
 */
export const STORED_BYTES = `(
  coalesce((select sum(o.size_bytes) from git_object o where o.store_id = s.id and o.type = 3), 0)
  + coalesce((select sum(lo.size_bytes) from lfs_link l join lfs_object lo on lo.sha256 = l.sha256
      where l.repo_id = r.id and l.committed_at is not null and l.xet_file_id is null), 0)
  + coalesce((select sum(${rangeBytes('rx.used')}) from xet_repo_xorb rx join xet_xorb x on x.id = rx.xorb_id
      where rx.repo_id = r.id and not exists (
        select from lfs_link l where l.repo_id = r.id and l.sha256 = x.blob_sha256 and l.xet_file_id is null
          and l.committed_at is not null
      )), 0)
)::bigint`;
