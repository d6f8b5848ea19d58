import type { SqlExecutor, SqlTransaction } from '../../db/sql.ts';
import { OBJECT_TYPE_CODE } from '../../git/object.ts';
import { OID_BYTES } from '../../git/oid.ts';
import { SESSION_SILENCE_MS } from '../version/write-sessions.ts';

/** Ids that are read at once: 1 MB. */
const PAGE_OIDS = 50_000;
/** Contents that are read at once. They are looked through without a pause, so this bounds how long other requests wait. */
const BATCH_BYTES = 2 * 1024 * 1024;

/** Everything that the transaction reads is of one moment. Call it first. */
export async function freeze(tx: SqlTransaction): Promise<void> {
  await tx.execute({ text: 'set transaction isolation level repeatable read, read only' });
}

/** What became unreachable before this moment may go: the grace time ago, or when the oldest write under way began. */
export async function readCutoff(sql: SqlExecutor, storeId: number, graceMs: number): Promise<Date> {
  const [row] = await sql.query<{ cutoff: Date }>({
    name: 'gc-read-cutoff',
    text: `
      select least(now() - make_interval(secs => $2::float8 / 1000), (
        select min(started_at) from write_session
        where store_id = $1 and heartbeat_at > now() - make_interval(secs => $3::float8 / 1000)
      )) as cutoff`,
    values: [storeId, graceMs, SESSION_SILENCE_MS],
  });
  return row!.cutoff;
}

export interface SegmentAge {
  readonly id: number;
  /** Made at or after the cutoff. */
  readonly isYoung: boolean;
}

export function listSegmentAges(sql: SqlExecutor, storeId: number, cutoff: Date): Promise<SegmentAge[]> {
  return sql.query({
    name: 'gc-list-segment-ages',
    text: 'select id, created_at >= $2 as "isYoung" from git_segment where store_id = $1',
    values: [storeId, cutoff],
  });
}

/** Ids end to end, all of one type and age. */
export interface OidRun {
  readonly type: number;
  readonly isYoung: boolean;
  readonly oids: Buffer;
}

export async function countObjects(sql: SqlExecutor, storeId: number): Promise<number> {
  const [row] = await sql.query<{ count: number }>({
    name: 'gc-count-objects',
    text: 'select count(*) as count from git_object where store_id = $1',
    values: [storeId],
  });
  return row!.count;
}

/** All objects of a store, a page at a time. */
export async function* readAllOids(
  sql: SqlExecutor,
  storeId: number,
  youngSegments: readonly number[],
): AsyncGenerator<readonly OidRun[]> {
  let after: Buffer = Buffer.alloc(0);
  for (;;) {
    const runs = await sql.query<OidRun>({
      name: 'gc-page-oids',
      text: `
        select type, is_young as "isYoung", string_agg(oid, ''::bytea order by oid) as oids
        from (
          select oid, type, segment_id = any($3::bigint[]) as is_young from git_object
          where store_id = $1 and oid > $2 order by oid limit ${PAGE_OIDS}
        ) as page
        group by type, is_young`,
      values: [storeId, after, youngSegments],
    });
    yield runs;
    const count = runs.reduce((sum, { oids }) => sum + oids.length / OID_BYTES, 0);
    if (count < PAGE_OIDS) return;
    after = runs
      .map(({ oids }) => oids.subarray(-OID_BYTES))
      .reduce((a, b) => (Buffer.compare(a, b) > 0 ? a : b));
  }
}

/** What refs hold, end to end. */
export async function readRefOids(sql: SqlExecutor, storeId: number): Promise<Buffer> {
  const [row] = await sql.query<{ oids: Buffer | null }>({
    name: 'gc-read-ref-oids',
    text: `
      select string_agg(oid, ''::bytea) as oids from (select distinct oid from git_ref where store_id = $1) as held`,
    values: [storeId],
  });
  return row?.oids ?? Buffer.alloc(0);
}

/** What refs came from or went to since a moment, end to end. */
export async function readReflogOids(sql: SqlExecutor, storeId: number, since: Date): Promise<Buffer> {
  const [row] = await sql.query<{ oids: Buffer | null }>({
    name: 'gc-read-reflog-oids',
    text: `
      select string_agg(oid, ''::bytea) as oids from (
        select old_oid as oid from git_reflog where store_id = $1 and created_at >= $2
        union select new_oid from git_reflog where store_id = $1 and created_at >= $2
      ) as named
      where oid is not null`,
    values: [storeId, since],
  });
  return row?.oids ?? Buffer.alloc(0);
}

export interface GraphNode {
  readonly type: number;
  readonly data: Buffer | null;
}

/** Contents of the first of these objects, in their order: at least one, and as many as may be in memory at once. */
export function readGraphNodes(
  sql: SqlExecutor,
  storeId: number,
  oids: readonly Buffer[],
): Promise<GraphNode[]> {
  return sql.query({
    name: 'gc-read-graph-nodes',
    text: `
      select type, data from (
        select q.ord, o.type, o.data, o.size_bytes, sum(o.size_bytes) over (order by q.ord) as total
        from unnest($2::bytea[]) with ordinality as q (oid, ord)
        join git_object o on o.store_id = $1 and o.oid = q.oid
      ) as nodes
      where total - size_bytes < ${BATCH_BYTES} order by ord`,
    values: [storeId, oids],
  });
}

/** Segments of a store beside those that are known. */
export async function findOtherSegments(
  sql: SqlExecutor,
  storeId: number,
  known: readonly number[],
): Promise<readonly number[]> {
  const rows = await sql.query<{ id: number }>({
    name: 'gc-find-other-segments',
    text: 'select id from git_segment where store_id = $1 and id <> all($2::bigint[])',
    values: [storeId, known],
  });
  return rows.map((row) => row.id);
}

/** Commits, trees and tags of a segment, end to end. */
export async function readSegmentNodes(
  sql: SqlExecutor,
  storeId: number,
  segmentId: number,
): Promise<Buffer> {
  const [row] = await sql.query<{ oids: Buffer | null }>({
    name: 'gc-read-segment-nodes',
    text: `
      select string_agg(oid, ''::bytea) as oids from git_object
      where store_id = $1 and segment_id = $2 and type <> ${OBJECT_TYPE_CODE.blob}`,
    values: [storeId, segmentId],
  });
  return row?.oids ?? Buffer.alloc(0);
}

/** Commits of a store in the order in which they may go: each before its parents. Pages of ids, end to end. */
export async function* readCommitsChildrenFirst(sql: SqlExecutor, storeId: number): AsyncGenerator<Buffer> {
  let after: { generation: number; oid: Buffer } = {
    generation: 2 ** 31 - 1,
    oid: Buffer.alloc(OID_BYTES, 0xff),
  };
  for (;;) {
    const rows = await sql.query<{ oid: Buffer; generation: number }>({
      name: 'gc-page-commits',
      text: `
        select oid, generation from git_commit
        where store_id = $1 and (generation, oid) < ($2, $3) order by generation desc, oid desc limit 10000`,
      values: [storeId, after.generation, after.oid],
    });
    yield Buffer.concat(rows.map((row) => row.oid));
    const last = rows.at(-1);
    if (!last) return;
    after = last;
  }
}
