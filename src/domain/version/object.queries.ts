import { OBJECT_TYPE_CODE } from '../../git/object.ts';
import { type Oid, oidFromBytes, oidToBytes } from '../../git/oid.ts';
import { copyText } from '../../db/copy-text.ts';
import type { SqlExecutor, SqlTransaction } from '../../db/sql.ts';
import { sha256ToBytes } from '../../lib/sha256.ts';
import { Conflict } from '../errors.ts';
import { type ObjectRow, objectRows, type Segment } from './segment.ts';

/** Above this many rows a COPY into a temporary table beats an array per column. */
const COPY_FROM_ROWS = 2000;

/** Writes the segment row and its object rows. Returns the bytes of blobs that this store did not hold before. */
export async function insertSegment(
  tx: SqlTransaction,
  storeId: number,
  segment: Segment,
): Promise<{ newBlobBytes: number }> {
  const [row] = await tx.query<{ id: number }>({
    name: 'insert-segment',
    text: `
      insert into git_segment (store_id, kind, pack_sum, objects, pack_bytes, storage_key, inline_pack, inline_idx)
      values ($1, $2, $3, $4, $5, $6, $7, $8) returning id`,
    values: [
      storeId,
      segment.kind,
      segment.packSum,
      segment.entries.length,
      segment.packBytes,
      segment.storageKey,
      segment.storageKey === null ? segment.pack : null,
      segment.storageKey === null ? segment.idx : null,
    ],
  });
  return insertObjects(tx, { storeId, segmentId: row!.id, rows: objectRows(segment) });
}

interface ObjectInsert {
  readonly storeId: number;
  readonly segmentId: number;
  readonly rows: readonly ObjectRow[];
}

/** Objects that the store holds already stay as they are, after a check that they are the same. */
async function insertObjects(tx: SqlTransaction, insert: ObjectInsert): Promise<{ newBlobBytes: number }> {
  const source = insert.rows.length < COPY_FROM_ROWS ? await fromArrays(insert) : await fromCopy(tx, insert);
  const [result] = await tx.query<{ new_blob_bytes: number; inserted: number }>({
    ...(source.name ? { name: source.name } : {}),
    text: `
      with source as (${source.text}), inserted as (
        insert into git_object
          (store_id, oid, type, size_bytes, segment_id, pack_offset, packed_bytes, data, sha256, lfs_sha256, lfs_size_bytes)
        select * from source
        on conflict (store_id, oid) do nothing
        returning type, size_bytes
      )
      select coalesce(sum(size_bytes) filter (where type = ${OBJECT_TYPE_CODE.blob}), 0)::bigint as new_blob_bytes,
        count(*)::int as inserted
      from inserted`,
    values: source.values,
  });
  if (result!.inserted < insert.rows.length) await refuseCollisions(tx, insert);
  return { newBlobBytes: result!.new_blob_bytes };
}

async function fromArrays({ storeId, segmentId, rows }: ObjectInsert) {
  return {
    name: 'insert-objects',
    text: `
      select $1::bigint, q.oid, q.type, q.size_bytes, $2::bigint, q.pack_offset, q.packed_bytes, q.data, q.sha256,
        q.lfs_sha256, q.lfs_size_bytes
      from unnest($3::bytea[], $4::smallint[], $5::bigint[], $6::bigint[], $7::bigint[], $8::bytea[], $9::bytea[],
        $10::bytea[], $11::bigint[])
        as q (oid, type, size_bytes, pack_offset, packed_bytes, data, sha256, lfs_sha256, lfs_size_bytes)`,
    values: [
      storeId,
      segmentId,
      rows.map((row) => oidToBytes(row.oid)),
      rows.map((row) => OBJECT_TYPE_CODE[row.type]),
      rows.map((row) => row.sizeBytes),
      rows.map((row) => row.offset),
      rows.map((row) => row.packedBytes),
      rows.map((row) => row.data),
      rows.map((row) => row.sha256 && sha256ToBytes(row.sha256)),
      rows.map((row) => row.lfs && sha256ToBytes(row.lfs.sha256)),
      rows.map((row) => row.lfs && row.lfs.sizeBytes),
    ],
  };
}

async function fromCopy(tx: SqlTransaction, { storeId, segmentId, rows }: ObjectInsert) {
  await tx.execute({
    text: 'create temporary table if not exists new_object (like git_object) on commit delete rows',
  });
  await tx.execute({ text: 'truncate new_object' });
  await tx.copyIn('copy new_object from stdin', copyLines(storeId, segmentId, rows));
  return { name: undefined, text: 'select * from new_object', values: [] };
}

function* copyLines(storeId: number, segmentId: number, rows: readonly ObjectRow[]): Generator<string> {
  for (const row of rows) {
    const cells = [
      storeId,
      oidToBytes(row.oid),
      OBJECT_TYPE_CODE[row.type],
      row.sizeBytes,
      segmentId,
      row.offset,
      row.packedBytes,
      row.data,
      row.sha256 && sha256ToBytes(row.sha256),
      row.lfs && sha256ToBytes(row.lfs.sha256),
      row.lfs && row.lfs.sizeBytes,
    ];
    yield `${cells.map(copyText).join('\t')}\n`;
  }
}

/** The same id with other content is a SHA-1 collision: nothing of such a write may stay. */
async function refuseCollisions(tx: SqlTransaction, { storeId, rows }: ObjectInsert): Promise<void> {
  const blobs = rows.filter((row) => row.sha256 !== null);
  const [collision] = await tx.query<{ oid: Buffer }>({
    name: 'find-collision',
    text: `
      select o.oid from unnest($2::bytea[], $3::bytea[], $4::bigint[]) as q (oid, sha256, size_bytes)
      join git_object o on o.store_id = $1 and o.oid = q.oid
      where o.sha256 <> q.sha256 or o.size_bytes <> q.size_bytes limit 1`,
    values: [
      storeId,
      blobs.map((row) => oidToBytes(row.oid)),
      blobs.map((row) => sha256ToBytes(row.sha256!)),
      blobs.map((row) => row.sizeBytes),
    ],
  });
  if (!collision) return;
  throw new Conflict(
    `A file has the same Git id (${oidFromBytes(collision.oid)}) as another file of this repository, but other content.`,
  );
}

/** Content of trees, commits and tags of one store, in any order. Missing ids are left out. */
export async function readObjectData(
  sql: SqlExecutor,
  storeId: number,
  oids: readonly Oid[],
): Promise<Map<Oid, Buffer>> {
  const rows = await sql.query<{ oid: Buffer; data: Buffer | null }>({
    name: 'read-object-data',
    text: 'select oid, data from git_object where store_id = $1 and oid = any($2::bytea[])',
    values: [storeId, oids.map(oidToBytes)],
  });
  const found = new Map<Oid, Buffer>();
  for (const row of rows) if (row.data) found.set(oidFromBytes(row.oid), row.data);
  return found;
}
