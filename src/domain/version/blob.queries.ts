import type { SqlExecutor } from '../../db/sql.ts';
import { OBJECT_TYPE_CODE } from '../../git/object.ts';
import { type Oid, oidToBytes } from '../../git/oid.ts';
import type { Sha256 } from '../../lib/sha256.ts';
import type { LfsTarget } from './values.ts';

export interface BlobFacts {
  /** Size of the blob itself. */
  readonly sizeBytes: number;
  readonly lfs: LfsTarget | null;
}

/** What the rows say about blobs of one store. Missing ids are left out. */
export async function findBlobFacts(
  sql: SqlExecutor,
  storeId: number,
  oids: readonly Oid[],
): Promise<ReadonlyMap<Oid, BlobFacts>> {
  const rows = await sql.query<{
    oid: Oid;
    size_bytes: number;
    lfs_sha256: Sha256 | null;
    lfs_size_bytes: number | null;
  }>({
    name: 'find-blob-facts',
    text: `
      select encode(oid, 'hex') as oid, size_bytes, encode(lfs_sha256, 'hex') as lfs_sha256, lfs_size_bytes
      from git_object where store_id = $1 and oid = any($2::bytea[]) and type = ${OBJECT_TYPE_CODE.blob}`,
    values: [storeId, oids.map(oidToBytes)],
  });
  return new Map(
    rows.map(({ oid, size_bytes: sizeBytes, lfs_sha256: sha256, lfs_size_bytes: lfsSizeBytes }) => {
      const isLfs = sha256 !== null && lfsSizeBytes !== null;
      const lfs = isLfs ? { sha256, sizeBytes: lfsSizeBytes, pointerSizeBytes: sizeBytes } : null;
      return [oid, { sizeBytes, lfs }];
    }),
  );
}

/** Where the bytes of a blob are: whole in its row, or packed in its segment's row or in the object store. */
export interface BlobPlace {
  readonly sizeBytes: number;
  readonly data: Buffer | null;
  /** The pack entry, when the segment lies in the database. */
  readonly inlineEntry: Buffer | null;
  /** Key of the segment in the object store without `.pack`, when it lies there. */
  readonly storageKey: string | null;
  readonly packOffset: number;
  readonly packedBytes: number;
}

/** Null when this store has no such blob. */
export async function findBlobPlace(sql: SqlExecutor, storeId: number, oid: Oid): Promise<BlobPlace | null> {
  const [row] = await sql.query<{
    size_bytes: number;
    data: Buffer | null;
    inline_entry: Buffer | null;
    storage_key: string | null;
    pack_offset: number;
    packed_bytes: number;
  }>({
    name: 'find-blob-place',
    text: `
      select o.size_bytes, o.data, s.storage_key, o.pack_offset, o.packed_bytes,
        case when o.data is null and s.inline_pack is not null
          then substring(s.inline_pack from (o.pack_offset + 1)::int for o.packed_bytes::int) end as inline_entry
      from git_object o join git_segment s on s.id = o.segment_id
      where o.store_id = $1 and o.oid = $2 and o.type = ${OBJECT_TYPE_CODE.blob}`,
    values: [storeId, oidToBytes(oid)],
  });
  if (!row) return null;
  return {
    sizeBytes: row.size_bytes,
    data: row.data,
    inlineEntry: row.inline_entry,
    storageKey: row.storage_key,
    packOffset: row.pack_offset,
    packedBytes: row.packed_bytes,
  };
}

/** SHA-256 of the contents of blobs of one store, for those whose row has it. */
export async function findBlobHashes(
  sql: SqlExecutor,
  storeId: number,
  oids: readonly Oid[],
): Promise<ReadonlyMap<Oid, Sha256>> {
  if (oids.length === 0) return new Map();
  const rows = await sql.query<{ oid: Oid; sha256: Sha256 }>({
    name: 'find-blob-hashes',
    text: `
      select encode(oid, 'hex') as oid, encode(sha256, 'hex') as sha256
      from git_object where store_id = $1 and oid = any($2::bytea[]) and sha256 is not null`,
    values: [storeId, oids.map(oidToBytes)],
  });
  return new Map(rows.map((row) => [row.oid, row.sha256]));
}
