import type { SqlExecutor } from '../../db/sql.ts';
import { type XetHash, xetHashText } from '../../xet/xet-hash.ts';
import { type XorbId, xorbIdBytes, xorbIdText } from '../../xet/xorb-id.ts';

export interface XorbRow {
  readonly id: XorbId;
  readonly hash: XetHash;
  /** Null for a virtual xorb, which is a part of a blob. */
  readonly storageKey: string | null;
  readonly blobOffsetBytes: number | null;
  /** Of the blob's object; null also when that is not a blob or not present. */
  readonly blobKey: string | null;
  readonly blobSizeBytes: number | null;
  readonly chunkIndex: Buffer;
  readonly chunkCount: number;
  readonly rawBytes: number;
  readonly serializedBytes: number;
}

/** Xorbs after an id, a page at a time: at most 320 KiB each. */
export async function pageXorbs(
  sql: SqlExecutor,
  after: XorbId | null,
  limit: number,
): Promise<readonly XorbRow[]> {
  const rows = await sql.query<Omit<XorbRow, 'id' | 'hash'> & { id: Buffer; hash: Buffer }>({
    text: `
      select x.id, x.hash, x.storage_key as "storageKey", x.blob_offset_bytes as "blobOffsetBytes",
        o.storage_key as "blobKey", o.size_bytes as "blobSizeBytes", x.chunk_index as "chunkIndex",
        x.chunk_count as "chunkCount", x.raw_bytes as "rawBytes", x.serialized_bytes as "serializedBytes"
      from xet_xorb x left join lfs_object o on o.sha256 = x.blob_sha256 and o.state = 'present'
      where $1::bytea is null or x.id > $1 order by x.id limit $2`,
    values: [after && xorbIdBytes(after), limit],
  });
  return rows.map((row) => Object.assign(row, { id: xorbIdText(row.id), hash: xetHashText(row.hash) }));
}

export interface FileRow {
  readonly id: number;
  readonly hash: XetHash;
  readonly sizeBytes: number;
  /** Of its object; null when that is not present. */
  readonly objectSizeBytes: number | null;
  readonly terms: Buffer;
  /** What the rows say it needs: `{[start,end),…}` by xorb. */
  readonly used: ReadonlyMap<XorbId, string>;
}

/** Files after an id, a page at a time: 52 bytes for each of their terms. */
export async function pageXetFiles(
  sql: SqlExecutor,
  after: number,
  limit: number,
): Promise<readonly FileRow[]> {
  const rows = await sql.query<{
    id: number;
    hash: Buffer;
    sizeBytes: number;
    objectSizeBytes: number | null;
    terms: Buffer;
    xorbs: Buffer[] | null;
    used: string[] | null;
  }>({
    text: `
      select f.id, f.hash, f.size_bytes as "sizeBytes", o.size_bytes as "objectSizeBytes", f.terms, n.xorbs, n.used
      from xet_file f
      left join lfs_object o on o.sha256 = f.sha256 and o.state = 'present'
      cross join lateral (
        select array_agg(fx.xorb_id) as xorbs, array_agg(fx.used::text) as used
        from xet_file_xorb fx where fx.file_id = f.id
      ) n
      where f.id > $1 order by f.id limit $2`,
    values: [after, limit],
  });
  return rows.map(({ id, hash, sizeBytes, objectSizeBytes, terms, xorbs, used }) => ({
    id,
    hash: xetHashText(hash),
    sizeBytes,
    objectSizeBytes,
    terms,
    used: new Map((xorbs ?? []).map((xorb, index) => [xorbIdText(xorb), used![index]!])),
  }));
}
