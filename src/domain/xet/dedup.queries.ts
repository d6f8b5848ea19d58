import type { SqlExecutor } from '../../db/sql.ts';
import { type XetHash, xetHashBytes, xetHashText } from '../../xet/xet-hash.ts';
import { decodeTerms, TERM_BYTES } from '../../xet/file-terms.ts';
import { type XorbId, xorbIdBytes, xorbIdText } from '../../xet/xorb-id.ts';
import type { ByteRanges } from './dedup-mask.ts';
import { FILE_OF_LINK } from './file-of-link.ts';
import { mayRead, numberAt, VISIBLE_PARTS } from './xorb-visibility.ts';

/** A xorb that holds a chunk which the caller may know of. */
export interface DedupMatch {
  readonly id: XorbId;
  readonly xorb: XetHash;
  readonly chunkCount: number;
  /** What of it the caller may know; null is all. */
  readonly ranges: ByteRanges | null;
}

/** Who asks. */
export interface DedupCaller {
  /** Of the token. */
  readonly repoId: number;
  readonly userId: number | null;
}

interface MatchRow {
  readonly id: Buffer;
  readonly hash: Buffer;
  readonly chunk_count: number;
  readonly is_whole: boolean;
  readonly used: string | null;
}

/** Terms of a file around that of a xorb: clients go through files from their beginning, and look back a little way only. */
const TERMS_BEFORE = 1;
const TERMS_AFTER = 64;
/** Two gigabytes, when a term is all of a xorb. */
const MAX_NEIGHBOURS = 32;
/** Files that are looked into. */
const MAX_FILES = 4;

/**
 * Xorbs that hold a chunk, as far as the caller may know it (`VISIBLE_PARTS`), each once, in the form of which he may know most. Chunks that are
 * hidden and chunks that are unknown are the same to this one statement: it looks into no index before it knows that the xorb is visible, and
 * their order does not depend on when somebody else brought them.
 */
export async function findDedupXorbs(
  sql: SqlExecutor,
  seen: DedupCaller & { readonly chunk: XetHash; readonly limit: number },
): Promise<readonly DedupMatch[]> {
  const rows = await sql.query<MatchRow>({
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
  return rows.map(matchOf);
}

/**
 * Xorbs that lie close to these in readable files: who has one chunk of a file likely has those around it, too, and clients ask for one
 * in a thousand. The nearest come first. Says nothing of what the caller may know of them: see `findVisibleXorbs`.
 */
export async function findNeighbours(
  sql: SqlExecutor,
  { repoId, userId, ids }: DedupCaller & { readonly ids: readonly XorbId[] },
): Promise<readonly XorbId[]> {
  const rows = await sql.query<{ terms: Buffer; before: number }>({
    name: 'find-neighbours',
    text: `
      with readable as materialized (
        -- Before the terms of any file are looked into: those that are hidden take no time.
        select fx.xorb_id, fx.file_id from xet_file_xorb fx join xet_file f on f.id = fx.file_id
        where fx.xorb_id = any($3::bytea[]) and exists (
          select from lfs_link l join lfs_object o on o.sha256 = l.sha256
          where l.sha256 = f.sha256 and l.committed_at is not null and ${FILE_OF_LINK} = f.id and ${mayRead('l.repo_id')}
        )
        limit ${MAX_FILES}
      )
      select substr(f.terms, place.at - place.before * ${TERM_BYTES}, ${(TERMS_BEFORE + 1 + TERMS_AFTER) * TERM_BYTES}) as terms, place.before
      from readable r join xet_file f on f.id = r.file_id
      cross join lateral (select position(r.xorb_id in f.terms) as at) found
      cross join lateral (select found.at, least((found.at - 1) / ${TERM_BYTES}, ${TERMS_BEFORE}) as before) place
      where place.at % ${TERM_BYTES} = 1`,
    values: [repoId, userId, ids.map(xorbIdBytes)],
  });
  const distances = new Map<XorbId, number>();
  for (const { terms, before } of rows) {
    for (const [at, { xorb }] of decodeTerms(terms).entries())
      distances.set(xorb, Math.min(Math.abs(at - before), distances.get(xorb) ?? Infinity));
  }
  for (const id of ids) distances.delete(id);
  return [...distances.keys()].sort((a, b) => distances.get(a)! - distances.get(b)!).slice(0, MAX_NEIGHBOURS);
}

/** Those of the xorbs of which the caller may know anything, in their order. */
export async function findVisibleXorbs(
  sql: SqlExecutor,
  { repoId, userId, ids }: DedupCaller & { readonly ids: readonly XorbId[] },
): Promise<readonly DedupMatch[]> {
  const rows = await sql.query<MatchRow>({
    name: 'find-visible-xorbs',
    text: `
      select x.id, x.hash, x.chunk_count, seen.is_whole, seen.used::text as used
      from unnest($3::bytea[]) with ordinality as q (id, ord)
      join xet_xorb x on x.id = q.id
      cross join lateral (${VISIBLE_PARTS}) seen
      where seen.is_whole or seen.used is not null
      order by q.ord`,
    values: [repoId, userId, ids.map(xorbIdBytes)],
  });
  return rows.map(matchOf);
}

function matchOf(row: MatchRow): DedupMatch {
  return {
    id: xorbIdText(row.id),
    xorb: xetHashText(row.hash),
    chunkCount: row.chunk_count,
    ranges: row.is_whole ? null : parseRanges(row.used ?? ''),
  };
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
