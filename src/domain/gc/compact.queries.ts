import type { Sql, SqlExecutor, SqlTransaction } from '../../db/sql.ts';
import { type Oid, oidToBytes } from '../../git/oid.ts';
import {
  FULL_SEGMENT_BYTES,
  FULL_SEGMENT_OBJECTS,
  MAX_INLINE_BYTES,
  MAX_SMALL_SEGMENTS,
  type MeasuredSegment,
  type SegmentFacts,
} from './compaction-plan.ts';

/** Stores with too many small segments, or too many bytes in rows: `needsCompaction`, from the index alone. */
export async function findStoresToCompact(sql: SqlExecutor): Promise<readonly number[]> {
  const rows = await sql.query<{ id: number }>({
    text: `
      select store_id as id from git_segment where state = 'live'
      group by store_id
      having count(*) filter (where pack_bytes < ${FULL_SEGMENT_BYTES} and objects < ${FULL_SEGMENT_OBJECTS})
          > ${MAX_SMALL_SEGMENTS}
        or coalesce(sum(pack_bytes) filter (where storage_key is null), 0) > ${MAX_INLINE_BYTES}
      order by store_id`,
  });
  return rows.map((row) => row.id);
}

const FACTS = `s.id, s.pack_bytes as "packBytes", s.objects, s.created_at as "createdAt",
  s.storage_key is null as "isInline"`;

export function listLiveSegments(sql: SqlExecutor, storeId: number): Promise<SegmentFacts[]> {
  return sql.query({
    name: 'gc-list-live-segments',
    text: `select ${FACTS} from git_segment s where s.store_id = $1 and s.state = 'live' order by s.id`,
    values: [storeId],
  });
}

/** Reads the place of every object of the store. */
export function measureLiveSegments(sql: SqlExecutor, storeId: number): Promise<MeasuredSegment[]> {
  return sql.query({
    name: 'gc-measure-live-segments',
    text: `
      with live as (
        select segment_id, sum(packed_bytes)::bigint as bytes from git_object where store_id = $1 group by segment_id
      )
      select ${FACTS}, coalesce(live.bytes, 0) as "liveBytes"
      from git_segment s left join live on live.segment_id = s.id
      where s.store_id = $1 and s.state = 'live' order by s.id`,
    values: [storeId],
  });
}

/** An object where it lies now. */
export interface LiveEntry {
  readonly segmentId: number;
  readonly oid: Oid;
  readonly packOffset: number;
  readonly packedBytes: number;
}

/** Objects that lie in a segment from an offset on, in pack order. */
export function readEntries(
  sql: SqlExecutor,
  storeId: number,
  page: { readonly segmentId: number; readonly fromOffset: number; readonly limit: number },
): Promise<LiveEntry[]> {
  return sql.query({
    name: 'gc-read-entries',
    text: `
      select segment_id as "segmentId", encode(oid, 'hex') as oid, pack_offset as "packOffset",
        packed_bytes as "packedBytes"
      from git_object where store_id = $1 and segment_id = $2 and pack_offset >= $3
      order by pack_offset limit $4`,
    values: [storeId, page.segmentId, page.fromOffset, page.limit],
  });
}

/** Where a segment's bytes are; null when it is gone. */
export async function readSegmentPlace(
  sql: SqlExecutor,
  segmentId: number,
): Promise<{ storageKey: string | null; pack: Buffer | null; idx: Buffer | null } | null> {
  const [row] = await sql.query<{ storageKey: string | null; pack: Buffer | null; idx: Buffer | null }>({
    name: 'gc-read-segment-place',
    text: `
      select storage_key as "storageKey", inline_pack as pack, inline_idx as idx from git_segment where id = $1`,
    values: [segmentId],
  });
  return row ?? null;
}

/** A segment that was made of others. */
export interface CompactSegment {
  readonly packSum: Buffer;
  readonly packBytes: number;
  readonly storageKey: string | null;
  /** Only of those that lie in their row. */
  readonly pack: Buffer | null;
  readonly idx: Buffer | null;
  readonly entries: readonly LiveEntry[];
  /** Where `entries` lie now. */
  readonly offsets: readonly number[];
  readonly sourceIds: readonly number[];
}

/**
 * Publishes the new segment, as old as the youngest that it is made of, and lets objects point to it that still lie where they
 * were read. Returns the new segment's id.
 */
export async function moveObjects(
  tx: SqlTransaction,
  storeId: number,
  segment: CompactSegment,
): Promise<number> {
  const { entries } = segment;
  const [row] = await tx.query<{ id: number }>({
    name: 'gc-insert-segment',
    text: `
      insert into git_segment (store_id, kind, pack_sum, objects, pack_bytes, storage_key, inline_pack, inline_idx, created_at)
      select $1, 'compact', $2, $3, $4, $5, $6, $7, coalesce(max(created_at), now())
      from git_segment where store_id = $1 and id = any($8::bigint[])
      returning id`,
    values: [
      storeId,
      segment.packSum,
      entries.length,
      segment.packBytes,
      segment.storageKey,
      segment.pack,
      segment.idx,
      segment.sourceIds,
    ],
  });
  await tx.execute({
    name: 'gc-move-objects',
    text: `
      update git_object o set segment_id = $2, pack_offset = q.new_offset
      from unnest($3::bytea[], $4::bigint[], $5::bigint[], $6::bigint[]) as q (oid, segment_id, pack_offset, new_offset)
      where o.store_id = $1 and o.oid = q.oid and o.segment_id = q.segment_id and o.pack_offset = q.pack_offset`,
    values: [
      storeId,
      row!.id,
      entries.map((entry) => oidToBytes(entry.oid)),
      entries.map((entry) => entry.segmentId),
      entries.map((entry) => entry.packOffset),
      segment.offsets,
    ],
  });
  return row!.id;
}

/**
 * Removes segments that were replaced longer ago than this. Bytes are only announced here: the sweep of storage intents deletes
 * them, so that a crash between rows and bytes leaves nothing behind.
 * @returns how many; fewer than `limit` when these were the last.
 */
export async function removeReplacedSegments(sql: Sql, graceMs: number, limit: number): Promise<number> {
  return sql.transaction(async (tx) => {
    const removed = await tx.query<{ storage_key: string | null }>({
      text: `
        delete from git_segment where id in (
          select s.id from git_segment s
          where s.state = 'replaced' and s.replaced_at < now() - make_interval(secs => $1::float8 / 1000)
            -- Nothing may lie there. If something does, the bytes are needed, and fsck tells.
            and not exists (select from git_object o where o.segment_id = s.id)
          order by s.replaced_at limit $2 for update skip locked
        ) returning storage_key`,
      values: [graceMs, limit],
    });
    await tx.execute({
      text: `
        insert into storage_intent (key, expires_at)
        select key || suffix, now() from unnest($1::text[]) as key, unnest(array['.pack', '.idx']) as suffix
        on conflict do nothing`,
      values: [removed.flatMap((row) => row.storage_key ?? [])],
    });
    return removed.length;
  });
}
