import { type Oid, oidToBytes } from '../../git/oid.ts';
import type { Sha256 } from '../../lib/sha256.ts';
import type { SqlExecutor, SqlTransaction } from '../../db/sql.ts';
import { STORED_BYTES } from '../quota/stored-bytes.ts';

export interface StoreRow {
  readonly storeId: number;
  readonly repoId: number;
  /** `model:ns/name`, for reports. */
  readonly label: string;
}

/** The stores of all repositories, oldest first. */
export function listStores(sql: SqlExecutor): Promise<StoreRow[]> {
  return sql.query<StoreRow>({
    text: `
      select s.id as "storeId", r.id as "repoId", r.type || ':' || a.name || '/' || r.name as label
      from git_store s join repo r on r.id = s.repo_id join account a on a.id = r.owner_id order by s.id`,
  });
}

export interface SegmentRow {
  readonly id: number;
  readonly packSum: Buffer;
  readonly packBytes: number;
  readonly objectCount: number;
  readonly storageKey: string | null;
  /** Nothing lies there any more, and its bytes go soon. */
  readonly isReplaced: boolean;
}

export function listSegments(sql: SqlExecutor, storeId: number): Promise<SegmentRow[]> {
  return sql.query<SegmentRow>({
    text: `
      select id, pack_sum as "packSum", pack_bytes as "packBytes", objects as "objectCount", storage_key as "storageKey",
        state = 'replaced' as "isReplaced"
      from git_segment where store_id = $1 order by id`,
    values: [storeId],
  });
}

/** Whether garbage collection removed a segment meanwhile. */
export async function isSegmentGone(sql: SqlExecutor, segmentId: number): Promise<boolean> {
  const rows = await sql.query({ text: 'select from git_segment where id = $1', values: [segmentId] });
  return rows.length === 0;
}

export async function readInlineSegment(
  sql: SqlExecutor,
  segmentId: number,
): Promise<{ pack: Buffer; idx: Buffer }> {
  const [row] = await sql.query<{ pack: Buffer; idx: Buffer }>({
    text: 'select inline_pack as pack, inline_idx as idx from git_segment where id = $1',
    values: [segmentId],
  });
  return row!;
}

/** Rows of a store whose segment is not one of the store: no foreign key checks each of them when it is written. */
export async function findUnplacedObjects(
  sql: SqlExecutor,
  storeId: number,
): Promise<{ count: number; example: Oid } | null> {
  const [row] = await sql.query<{ count: number; example: Oid | null }>({
    text: `
      select count(*)::int as count, min(encode(o.oid, 'hex')) as example from git_object o
      where o.store_id = $1
        and not exists (select from git_segment s where s.id = o.segment_id and s.store_id = o.store_id)`,
    values: [storeId],
  });
  return row?.example ? { count: row.count, example: row.example } : null;
}

export interface ObjectRow {
  readonly oid: Oid;
  readonly type: number;
  readonly sizeBytes: number;
  readonly packOffset: number;
  readonly packedBytes: number;
  readonly data: Buffer | null;
}

/** Trees have up to 4 MiB. */
const OBJECTS_AT_A_TIME = 200;

/** Rows that say they lie in a segment, in the order of its pack. A segment may have a million. */
export async function* segmentObjects(
  tx: SqlTransaction,
  storeId: number,
  segmentId: number,
): AsyncGenerator<ObjectRow> {
  await tx.execute({
    text: `
      declare segment_objects no scroll cursor for
      select encode(oid, 'hex') as oid, type, size_bytes as "sizeBytes", pack_offset as "packOffset",
        packed_bytes as "packedBytes", data
      from git_object where store_id = $1 and segment_id = $2 order by pack_offset`,
    values: [storeId, segmentId],
  });
  for (;;) {
    const rows = await tx.query<ObjectRow>({ text: `fetch ${OBJECTS_AT_A_TIME} from segment_objects` });
    yield* rows;
    if (rows.length < OBJECTS_AT_A_TIME) return;
  }
}

export function listStoreRefs(sql: SqlExecutor, storeId: number): Promise<{ name: string; oid: Oid }[]> {
  return sql.query({
    text: `select name, encode(oid, 'hex') as oid from git_ref where store_id = $1`,
    values: [storeId],
  });
}

export interface NodeRow {
  readonly oid: Oid;
  readonly type: number;
  readonly data: Buffer | null;
  readonly lfsSha256: Sha256 | null;
  readonly lfsSizeBytes: number | null;
}

/** Objects as nodes of the graph. Contents of ordinary blobs are left out: only their presence counts. */
export function readNodes(sql: SqlExecutor, storeId: number, oids: readonly Oid[]): Promise<NodeRow[]> {
  return sql.query<NodeRow>({
    text: `
      select encode(oid, 'hex') as oid, type, case when type <> 3 then data end as data,
        encode(lfs_sha256, 'hex') as "lfsSha256", lfs_size_bytes as "lfsSizeBytes"
      from git_object where store_id = $1 and oid = any($2::bytea[])`,
    values: [storeId, oids.map(oidToBytes)],
  });
}

export interface CommitRow {
  readonly oid: Oid;
  readonly treeOid: Oid;
  readonly parents: Buffer;
  readonly generation: number;
}

export function readCommitRows(
  sql: SqlExecutor,
  storeId: number,
  oids: readonly Oid[],
): Promise<CommitRow[]> {
  return sql.query<CommitRow>({
    text: `
      select encode(oid, 'hex') as oid, encode(tree_oid, 'hex') as "treeOid", parents, generation
      from git_commit where store_id = $1 and oid = any($2::bytea[])`,
    values: [storeId, oids.map(oidToBytes)],
  });
}

/** Objects that a repository's history may name: committed there and present. */
export async function linkedLfsSizes(sql: SqlExecutor, repoId: number): Promise<ReadonlyMap<Sha256, number>> {
  const rows = await sql.query<{ sha256: Sha256; size: number }>({
    text: `
      select encode(l.sha256, 'hex') as sha256, o.size_bytes as size
      from lfs_link l join lfs_object o on o.sha256 = l.sha256
      where l.repo_id = $1 and l.committed_at is not null and o.state = 'present'`,
    values: [repoId],
  });
  return new Map(rows.map((row) => [row.sha256, row.size]));
}

/** Objects that a repository's history may name without holding them. */
export async function prunedLfs(sql: SqlExecutor, repoId: number): Promise<ReadonlySet<Sha256>> {
  const rows = await sql.query<{ sha256: Sha256 }>({
    text: `select encode(sha256, 'hex') as sha256 from lfs_pruned where repo_id = $1`,
    values: [repoId],
  });
  return new Set(rows.map((row) => row.sha256));
}

export interface LfsRow {
  readonly sha256: Sha256;
  readonly sizeBytes: number;
  /** Null for an object that is kept only in xorbs. */
  readonly storageKey: string | null;
  readonly hasXetFile: boolean;
  /** A repository holds it as a blob. */
  readonly isHeldAsBlob: boolean;
  /** A repository holds it as a Xet file of another content, or its blob is presented as one, or as none that is here. */
  readonly isMixedUp: boolean;
}

/** Present objects after a hash, a page at a time. */
export async function pageLfsObjects(
  sql: SqlExecutor,
  after: Sha256 | null,
  limit: number,
): Promise<LfsRow[]> {
  return sql.query<LfsRow>({
    text: `
      select encode(o.sha256, 'hex') as sha256, o.size_bytes as "sizeBytes", o.storage_key as "storageKey",
        exists (select from xet_file f where f.sha256 = o.sha256) as "hasXetFile",
        exists (select from lfs_link l where l.sha256 = o.sha256 and l.xet_file_id is null) as "isHeldAsBlob",
        exists (
          select from (
            select o.xet_file_id as id
            union all select l.xet_file_id from lfs_link l where l.sha256 = o.sha256
            union all select e.xet_file_id from lfs_offer e where e.sha256 = o.sha256
          ) named left join xet_file f on f.id = named.id
          where named.id is not null and f.sha256 is distinct from o.sha256
        ) as "isMixedUp"
      from lfs_object o where o.state = 'present' and ($1::text is null or o.sha256 > decode($1, 'hex'))
      order by o.sha256 limit $2`,
    values: [after, limit],
  });
}

/** Copies of the blobs of present objects after a key, a page at a time. */
export async function pageLfsCopies(
  sql: SqlExecutor,
  after: string | null,
  limit: number,
): Promise<(Pick<LfsRow, 'sha256' | 'sizeBytes'> & { storageKey: string })[]> {
  return sql.query({
    text: `
      select encode(o.sha256, 'hex') as sha256, o.size_bytes as "sizeBytes", c.storage_key as "storageKey"
      from lfs_copy c join lfs_object o on o.sha256 = c.sha256 and o.state = 'present'
      where $1::text is null or c.storage_key > $1 order by c.storage_key limit $2`,
    values: [after, limit],
  });
}

/** Counters that disagree with what they count, as ready sentences. */
export function wrongCounters(sql: SqlExecutor): Promise<{ where: string; message: string }[]> {
  return sql.query({
    text: `
      with repo_truth as (
        select r.id, r.owner_id, r.is_private, r.type || ':' || a.name || '/' || r.name as label, r.used_bytes, r.likes_count,
          r.head_oid, m.oid as main_oid,
          ${STORED_BYTES} as true_bytes,
          (select count(*) from repo_like k where k.repo_id = r.id) as true_likes
        from repo r
        join account a on a.id = r.owner_id
        join git_store s on s.repo_id = r.id
        left join git_ref m on m.store_id = s.id and m.name = 'refs/heads/main'
      ), account_truth as (
        select a.name, a.private_used_bytes, a.public_used_bytes,
          coalesce(sum(r.used_bytes) filter (where r.is_private), 0) as true_private,
          coalesce(sum(r.used_bytes) filter (where not r.is_private), 0) as true_public
        from account a left join repo r on r.owner_id = a.id group by a.id
      ), range_truth as (
        select l.repo_id, fx.xorb_id, range_agg(fx.used) as used
        from lfs_link l join xet_file_xorb fx on fx.file_id = l.xet_file_id
        where l.committed_at is not null
        group by l.repo_id, fx.xorb_id
      ), wrong_ranges as (
        select repo_id, count(*) as xorbs
        from range_truth t full join xet_repo_xorb rx using (repo_id, xorb_id)
        where coalesce(t.used, '{}') <> coalesce(rx.used, '{}')
        group by repo_id
      )
      select label as where, 'used_bytes is ' || used_bytes || ', but ' || true_bytes || ' bytes are stored' as message
        from repo_truth where used_bytes <> true_bytes
      union all
      select label, 'it is charged for other parts of ' || w.xorbs || ' xorbs than its files need'
        from wrong_ranges w join repo_truth r on r.id = w.repo_id
      union all
      select label, 'likes_count is ' || likes_count || ', but there are ' || true_likes || ' likes'
        from repo_truth where likes_count <> true_likes
      union all
      select label, 'head_oid does not name the head of main' from repo_truth where head_oid is distinct from main_oid
      union all
      select 'account:' || name, 'private_used_bytes is ' || private_used_bytes || ', but its repositories use ' || true_private
        from account_truth where private_used_bytes <> true_private
      union all
      select 'account:' || name, 'public_used_bytes is ' || public_used_bytes || ', but its repositories use ' || true_public
        from account_truth where public_used_bytes <> true_public`,
  });
}

/** Which of these keys a row or an intent names. */
export async function knownKeys(sql: SqlExecutor, keys: readonly string[]): Promise<ReadonlySet<string>> {
  const rows = await sql.query<{ key: string }>({
    text: `
      select named.key from unnest($1::text[]) as named (key)
      where exists (select from git_segment s where s.storage_key = regexp_replace(named.key, '\\.(pack|idx)$', ''))
        or exists (select from lfs_object o where o.storage_key = named.key and o.state <> 'gone')
        or exists (select from lfs_copy c where c.storage_key = named.key)
        or exists (select from lfs_upload u where u.storage_key = named.key)
        or exists (select from xet_xorb x where x.storage_key = named.key)
        or exists (select from storage_intent i where i.key in (named.key, '!' || named.key))`,
    values: [keys],
  });
  return new Set(rows.map((row) => row.key));
}
