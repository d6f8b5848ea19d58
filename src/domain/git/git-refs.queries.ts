import type { SqlExecutor } from '../../db/sql.ts';
import { OBJECT_TYPE_CODE } from '../../git/object.ts';
import { type Oid, oidFromBytes } from '../../git/oid.ts';
import { peelTag } from '../version/peel-tag.ts';

/** A ref as Git clients are told of it. */
export interface AdvertisedRef {
  readonly name: string;
  readonly oid: Oid;
  /** What an annotated tag names in the end; null for everything else. */
  readonly peeledOid: Oid | null;
}

/** A segment and where its bytes are. */
export interface LiveSegment {
  readonly id: number;
  /** Trailer of the pack, 40 hex digits. */
  readonly packSum: string;
  readonly packBytes: number;
  readonly objects: number;
  /** Null when the bytes are in the row. */
  readonly storageKey: string | null;
}

/** What a store is at one moment: every object that a ref reaches is in a segment. */
export interface StoreSnapshot {
  readonly refs: readonly { readonly name: string; readonly oid: Oid }[];
  readonly segments: readonly LiveSegment[];
}

interface RefRow {
  readonly store_id: number;
  readonly name: string;
  readonly oid: Buffer;
  readonly tag: Buffer | null;
}

/** All refs of each store, sorted by name as Git sorts. Meant for a `Batcher`: many clients ask for few stores. */
export async function readAdvertisedRefs(
  sql: SqlExecutor,
  storeIds: readonly number[],
): Promise<readonly (readonly AdvertisedRef[])[]> {
  const byStore = new Map<number, AdvertisedRef[]>(storeIds.map((storeId) => [storeId, []]));
  const rows = await sql.query<RefRow>({
    name: 'read-advertised-refs',
    text: `
      select r.store_id, r.name, r.oid, o.data as tag
      from git_ref r
      left join git_object o on o.store_id = r.store_id and o.oid = r.oid and o.type = ${OBJECT_TYPE_CODE.tag}
      where r.store_id = any($1) order by r.name`,
    values: [[...byStore.keys()]],
  });
  for (const { store_id: storeId, name, oid, tag } of rows) {
    const peeledOid = tag && (await peelTag(sql, storeId, tag));
    byStore.get(storeId)!.push({ name, oid: oidFromBytes(oid), peeledOid });
  }
  return storeIds.map((storeId) => byStore.get(storeId)!);
}

interface SnapshotRow {
  readonly name: string | null;
  readonly oid: Buffer;
  readonly id: number | null;
  readonly pack_bytes: number | null;
  readonly objects: number | null;
  readonly storage_key: string | null;
}

/** Refs and segments by one statement, and so of one moment. */
export async function readStoreSnapshot(sql: SqlExecutor, storeId: number): Promise<StoreSnapshot> {
  const rows = await sql.query<SnapshotRow>({
    name: 'read-store-snapshot',
    text: `
      select name, oid, null::bigint as id, null::bigint as pack_bytes, null::int as objects, null::text as storage_key
      from git_ref where store_id = $1
      union all
      select null, pack_sum, id, pack_bytes, objects, storage_key
      from git_segment where store_id = $1 and state = 'live'
      order by name, id`,
    values: [storeId],
  });
  const refs: { name: string; oid: Oid }[] = [];
  const segments: LiveSegment[] = [];
  for (const { name, oid, id, pack_bytes, objects, storage_key: storageKey } of rows) {
    if (name !== null) refs.push({ name, oid: oidFromBytes(oid) });
    else {
      const packSum = oid.toString('hex');
      segments.push({ id: id!, packSum, packBytes: pack_bytes!, objects: objects!, storageKey });
    }
  }
  return { refs, segments };
}

/** The bytes of a segment that is kept in its row; null when the segment is gone. */
export async function readInlineSegment(
  sql: SqlExecutor,
  segmentId: number,
): Promise<{ pack: Buffer; idx: Buffer } | null> {
  const [row] = await sql.query<{ pack: Buffer; idx: Buffer }>({
    name: 'read-inline-segment',
    text: `
      select inline_pack as pack, inline_idx as idx from git_segment where id = $1 and inline_pack is not null`,
    values: [segmentId],
  });
  return row ?? null;
}
