import type { SqlExecutor } from '../../db/sql.ts';
import { type XetHash, xetHashBytes, xetHashText } from '../../xet/xet-hash.ts';
import type { ByteRanges } from './dedup-mask.ts';
import { numberAt, VISIBLE_PARTS } from './xorb-visibility.ts';

/** A xorb that holds a chunk which the caller may know of. */
export interface DedupMatch {
  readonly xorb: XetHash;
  readonly chunkCount: number;
  /** What of it the caller may know; null is all. */
  readonly ranges: ByteRanges | null;
}

/**
 * Xorbs that hold a chunk, as far as the caller may know it (`VISIBLE_PARTS`). Chunks that are hidden and chunks that are unknown are the same to this one
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
      cross join lateral (${VISIBLE_PARTS}) seen
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

/** Where the chunk ends whose entry in the index begins at this byte, counted from 1: see `encodeXorbIndex`. */
function endOf(entry: string): string {
  return numberAt('x.chunk_index', `${entry} + 31`);
}

/** `{[0,10),[20,30)}` */
function parseRanges(multirange: string): ByteRanges {
  return Array.from(multirange.matchAll(/\[(\d+),(\d+)\)/g), ([, start, end]) => ({
    start: Number(start),
    end: Number(end),
  }));
}
