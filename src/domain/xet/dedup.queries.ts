import type { SqlExecutor } from '../../db/sql.ts';
import { type XetHash, xetHashBytes, xetHashText } from '../../xet/xet-hash.ts';
import type { ByteRanges } from './dedup-mask.ts';

/** A xorb that holds a chunk which the caller may know of. */
export interface DedupMatch {
  readonly xorb: XetHash;
  readonly chunkCount: number;
  /** What of it the caller may know; null is all. */
  readonly ranges: ByteRanges | null;
}

/**
 * Xorbs that hold a chunk, as far as the caller may read it: what committed files of repositories need whose files he may
 * read, and all of what he brought himself. Chunks that are hidden and chunks that are unknown are the same to this one
 * statement.
 */
export async function findDedupXorbs(
  sql: SqlExecutor,
  seen: {
    readonly repoId: number;
    readonly userId: number | null;
    readonly chunk: XetHash;
    readonly limit: number;
  },
): Promise<readonly DedupMatch[]> {
  const rows = await sql.query<{ hash: Buffer; chunk_count: number; is_whole: boolean; used: string | null }>(
    {
      name: 'find-dedup-xorbs',
      text: `
      select x.hash, x.chunk_count, seen.is_whole, seen.used::text as used
      from xet_chunk c
      join xet_xorb x on x.hash = c.xorb_hash
      cross join lateral (
        select coalesce(bool_or(part.is_whole), false) as is_whole, range_agg(part.used) as used
        from (
          select true as is_whole, null::int4multirange as used
          from xet_repo_xorb rx where rx.xorb_hash = x.hash and rx.uploader_id = $2
          union all
          select false, rx.used
          from xet_repo_xorb rx
          where rx.xorb_hash = x.hash and rx.used is not null and ${mayRead('rx.repo_id')}
          union all
          -- A virtual xorb is a part of a blob.
          select true, null
          from lfs_link l
          where l.sha256 = x.blob_sha256 and l.committed_at is not null and ${mayRead('l.repo_id')}
        ) part
      ) seen
      cross join lateral (select position($3 in x.chunk_index) as entry) place
      where c.hash = $3 and place.entry > 0 and (
        seen.is_whole
        or seen.used @> int4range(
          case when place.entry = 1 then 0 else ${endOf('place.entry - 40')} end, ${endOf('place.entry')}
        )
      )
      order by x.created_at desc, x.hash limit $4`,
      values: [seen.repoId, seen.userId, xetHashBytes(seen.chunk), seen.limit],
    },
  );
  return rows.map((row) => ({
    xorb: xetHashText(row.hash),
    chunkCount: row.chunk_count,
    ranges: row.is_whole ? null : parseRanges(row.used ?? ''),
  }));
}

/** The files of this repository are readable: of the token's own one, and of those that `findLfsObjects` calls readable. */
function mayRead(repoId: string): string {
  return `
    exists (
      select from repo r left join membership m on m.org_id = r.owner_id and m.user_id = $2
      where r.id = ${repoId} and (
        r.id = $1
        or (not r.is_disabled and (r.owner_id = $2 or m.id is not null or (not r.is_private and r.gated is null)))
      )
    )`;
}

/** Where the chunk ends whose entry in the index begins at this byte, counted from 1: see `encodeXorbIndex`. */
function endOf(entry: string): string {
  const bytes = [0, 1, 2, 3].map((i) => `(get_byte(x.chunk_index, ${entry} + ${31 + i}) << ${8 * i})`);
  return `(${bytes.join(' + ')})`;
}

/** `{[0,10),[20,30)}` */
function parseRanges(multirange: string): ByteRanges {
  return Array.from(multirange.matchAll(/\[(\d+),(\d+)\)/g), ([, start, end]) => ({
    start: Number(start),
    end: Number(end),
  }));
}
