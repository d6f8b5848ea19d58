import type { SqlExecutor } from '../../db/sql.ts';
import { type XetHash, xetHashBytes, xetHashText } from '../../xet/xet-hash.ts';
import { type XorbId, xorbIdText } from '../../xet/xorb-id.ts';
import type { ByteRanges } from './dedup-mask.ts';
import { numberAt, VISIBLE_PARTS } from './xorb-visibility.ts';

/** A xorb that holds a chunk which the caller may know of. */
export interface DedupMatch {
  readonly id: XorbId;
  readonly xorb: XetHash;
  readonly chunkCount: number;
  /** What of it the caller may know; null is all. */
  readonly ranges: ByteRanges | null;
}

/**
 * Xorbs that hold a chunk, as far as the caller may know it (`VISIBLE_PARTS`), each once, in the form of which he may know most. Chunks that are
 * hidden and chunks that are unknown are the same to this one statement: it looks into no index before it knows that the xorb is visible, and
 * their order does not depend on when somebody else brought them.
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
  const rows = await sql.query<{
    id: Buffer;
    hash: Buffer;
    chunk_count: number;
    is_whole: boolean;
    used: string | null;
  }>({
    name: 'find-dedup-xorbs',
    text: `
      with visible as materialized (
        select x.id, seen.is_whole, seen.used
        from xet_chunk c
        join xet_xorb x on x.id = c.xorb_id
        cross join lateral (${VISIBLE_PARTS}) seen
        where c.hash = $3 and (seen.is_whole or seen.used is not null)
      )
      select distinct on (x.hash) x.id, x.hash, x.chunk_count, v.is_whole, v.used::text as used
      from visible v
      join xet_xorb x on x.id = v.id
      cross join lateral (select position($3 in x.chunk_index) as entry) place
      where place.entry > 0 and (
        v.is_whole
        or v.used @> int4range(
          case when place.entry = 1 then 0 else ${endOf('place.entry - 40')} end, ${endOf('place.entry')}
        )
      )
      order by x.hash, v.is_whole desc, x.id limit $4`,
    values: [seen.repoId, seen.userId, xetHashBytes(seen.chunk), seen.limit],
  });
  return rows.map((row) => ({
    id: xorbIdText(row.id),
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
