import { isAccepted } from '../repo/repo.queries.ts';

/**
 * What somebody may know of the xorb `x`: all of it when he brought it himself, anywhere, or when it is a part of a blob that
 * he may read; otherwise what committed files need of repositories whose files he may read. A subquery for `cross join lateral`
 * of one row: `is_whole`, `used` (int4multirange of the serialized xorb, or null), and `sent_at`, when he brought it himself. `$1` is the
 * repository of the token, `$2` the user, or null.
 */
export const VISIBLE_PARTS = `
  select coalesce(bool_or(part.is_whole), false) as is_whole, range_agg(part.used) as used, max(part.sent_at) as sent_at
  from (
    select true as is_whole, null::int4multirange as used, mine.created_at as sent_at
    from xet_possession mine where mine.xorb_id = x.id and mine.user_id = $2
    union all
    select false, rx.used, null
    from xet_repo_xorb rx
    where rx.xorb_id = x.id and rx.used is not null and ${mayRead('rx.repo_id')}
    union all
    -- A virtual xorb is a part of a blob, and repositories that hold the content otherwise know nothing of the blob.
    select true, null, null
    from lfs_link l
    where l.sha256 = x.blob_sha256 and l.xet_file_id is null and l.is_presented and l.committed_at is not null
      and ${mayRead('l.repo_id')}
  ) part`;

/** The files of this repository are readable: of the token's own one (`$1`), and of those that `findLfsObjects` calls readable. */
export function mayRead(repoId: string): string {
  return `
    exists (
      select from repo r left join membership m on m.org_id = r.owner_id and m.user_id = $2
      where r.id = ${repoId} and (
        r.id = $1
        or (not r.is_disabled and (r.owner_id = $2 or m.id is not null or
          (not r.is_private and (r.gated is null or ${isAccepted('$2')}))))
      )
    )`;
}

/** The number of 32 bits in SQL bytes whose lowest comes first, as in `encodeXorbIndex`. `at` counts from 0. */
export function numberAt(bytes: string, at: string): string {
  return `(${[0, 1, 2, 3].map((i) => `(get_byte(${bytes}, ${at} + ${i}) << ${8 * i})`).join(' + ')})`;
}
