import type { SqlExecutor } from '../../db/sql.ts';
import { OBJECT_TYPE_CODE } from '../../git/object.ts';
import { type Oid, oidFromBytes } from '../../git/oid.ts';
import type { RefLines } from './ref-lines.ts';

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

/** Of a tag object (an SQL expression): 40 digits behind `object `, and the type behind a newline and `type `. */
const targetOf = (tag: string): string => `encode(substring(${tag} from 8 for 40), 'escape')`;
const isNested = (tag: string): string => `substring(${tag} from 54 for 3) = 'tag'::bytea`;
const IS_TAG = `o.store_id = $1 and o.type = ${OBJECT_TYPE_CODE.tag}`;

/** What the tag object `tag` of `ref` names in the end. */
const PEELED = `
  case when not ${isNested('tag')} then ${targetOf('tag')} else (
    with recursive chain as (
      select ref.tag as data
      union all
      select o.data from chain c join git_object o on ${IS_TAG} and o.oid = decode(${targetOf('c.data')}, 'hex')
      where ${isNested('c.data')}
    ) select ${targetOf('data')} from chain where not ${isNested('data')}
  ) end`;

/** An SQL expression: lines of `ls-refs` from `line` and `name` of each ref. */
const JOINED = `coalesce(string_agg(lpad(to_hex(octet_length(line) + 4), 4, '0') || line, '' order by name), '')`;

/** An SQL expression: `RefLines` of the store that an expression names. Null when there are tags, which `readRefLines` looks up. */
export function untaggedRefLinesOf(store: string): string {
  return `(
    select case when bool_or(starts_with(name, 'refs/tags/')) then null else ${JOINED} end
    from (
      select name, encode(oid, 'hex') || ' ' || name || E'\\n' as line from git_ref where store_id = ${store}
    ) lines)`;
}

/** All refs of a store. Only tags name tag objects, and each is looked up by itself: a join could read all objects of the store. */
export async function readRefLines(sql: SqlExecutor, storeId: number): Promise<RefLines> {
  const [row] = await sql.query<{ refs: RefLines }>({
    name: 'read-ref-lines',
    text: `
      select ${JOINED} as refs
      from (
        select name,
          encode(oid, 'hex') || ' ' || name || case when tag is null then '' else ' peeled:' || ${PEELED} end || E'\\n' as line
        from (
          select name, oid, case when starts_with(name, 'refs/tags/') then (
            select o.data from git_object o where ${IS_TAG} and o.oid = g.oid
          ) end as tag
          from git_ref g where store_id = $1 offset 0
        ) ref offset 0
      ) lines`,
    values: [storeId],
  });
  return row!.refs;
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
