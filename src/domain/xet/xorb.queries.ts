import type { SqlExecutor, SqlTransaction } from '../../db/sql.ts';
import { type Sha256, sha256FromBytes, sha256ToBytes } from '../../lib/sha256.ts';
import { type ObjectKey, parseObjectKey } from '../../storage/keys.ts';
import { TERM_BYTES } from '../../xet/file-terms.ts';
import { type XetHash, xetHashBytes, xetHashText } from '../../xet/xet-hash.ts';
import { XORB_ID_BYTES, type XorbId, xorbIdBytes, xorbIdText } from '../../xet/xorb-id.ts';
import { decodeXorbIndex, encodeXorbIndex, type XorbIndex } from '../../xet/xorb-index.ts';

/**
 * How long a client may name a xorb without asking: `hf_xet` keeps what it uploaded, and what it was told of, for three weeks.
 * A xorb stays for that long after it was uploaded, named by a file or given in an answer, whether a file needs it or not.
 */
export const XORB_LEASE_DAYS = 22;

/** Where the chunks of a xorb are. */
export type XorbPlace =
  | { readonly kind: 'stored'; readonly storageKey: ObjectKey }
  | {
      readonly kind: 'virtual';
      /** The LFS object that holds the chunks, uncompressed. */
      readonly blobSha256: Sha256;
      readonly blobKey: ObjectKey;
      readonly blobOffsetBytes: number;
    };

/** A xorb in one of the serialized forms in which it is here. */
export interface Xorb {
  readonly id: XorbId;
  readonly hash: XetHash;
  readonly place: XorbPlace;
  readonly rawBytes: number;
  readonly serializedBytes: number;
  readonly chunkCount: number;
}

/** What `toXorb` needs, of the xorb `x` and the object `o` of its blob. */
export const XORB_COLUMNS = `
  x.id, x.hash, x.storage_key, x.blob_sha256, o.storage_key as blob_key, x.blob_offset_bytes, x.raw_bytes,
  x.serialized_bytes, x.chunk_count`;

/** Xorbs that are here, without their chunks. This says nothing of who may see them. */
export async function findXorbs(
  sql: SqlExecutor,
  ids: readonly XorbId[],
): Promise<ReadonlyMap<XorbId, Xorb>> {
  if (ids.length === 0) return new Map();
  const rows = await sql.query<XorbRow>({
    name: 'find-xorbs',
    text: `
      select ${XORB_COLUMNS}
      from xet_xorb x left join lfs_object o on o.sha256 = x.blob_sha256
      where x.id = any($1::bytea[])`,
    values: [ids.map(xorbIdBytes)],
  });
  return new Map(rows.map(toXorb).map((xorb) => [xorb.id, xorb]));
}

/** The chunks of xorbs: 40 bytes a chunk, at most 320 KiB a xorb. Ask for few at once. */
export async function readXorbIndexes(
  sql: SqlExecutor,
  ids: readonly XorbId[],
): Promise<ReadonlyMap<XorbId, XorbIndex>> {
  if (ids.length === 0) return new Map();
  const rows = await sql.query<{ id: Buffer; chunk_index: Buffer }>({
    name: 'read-xorb-indexes',
    text: 'select id, chunk_index from xet_xorb where id = any($1::bytea[])',
    values: [ids.map(xorbIdBytes)],
  });
  return new Map(rows.map((row) => [xorbIdText(row.id), decodeXorbIndex(row.chunk_index)]));
}

/**
 * Locks xorbs in the order of their ids and renews their leases: the collector waits, and then sees what the transaction
 * wrote. Objects are locked before xorbs (`lockPresentObjects`).
 * @returns those that are here.
 */
export async function lockXorbs(tx: SqlTransaction, ids: readonly XorbId[]): Promise<ReadonlySet<XorbId>> {
  const rows = await tx.query<{ id: Buffer }>({
    name: 'lock-xorbs',
    text: `
      with locked as (
        select id from xet_xorb where id = any($1::bytea[]) order by id for no key update
      )
      update xet_xorb x set lease_until = greatest(x.lease_until, now() + make_interval(days => $2))
      from locked where x.id = locked.id returning x.id`,
    values: [ids.map(xorbIdBytes), XORB_LEASE_DAYS],
  });
  return new Set(rows.map((row) => xorbIdText(row.id)));
}

/**
 * As `lockXorbs`, for all xorbs that files need.
 * @param terms of each file: see `encodeTerms`. They can be very many, so no list is made of them here.
 * @returns false when a xorb is not here any more.
 */
export async function lockXorbsOf(tx: SqlTransaction, terms: readonly Buffer[]): Promise<boolean> {
  const [row] = await tx.query<{ complete: boolean }>({
    name: 'lock-xorbs-of',
    text: `
      with named as (
        select distinct substring($1::bytea from at + 1 for ${XORB_ID_BYTES}) as id
        from generate_series(0, length($1::bytea) - 1, ${TERM_BYTES}) as at
      ), locked as (
        select id from xet_xorb where id in (select id from named) order by id for no key update
      ), renewed as (
        update xet_xorb x set lease_until = greatest(x.lease_until, now() + make_interval(days => $2))
        from locked where x.id = locked.id
      )
      select (select count(*) from named) = (select count(*) from locked) as complete`,
    values: [Buffer.concat(terms), XORB_LEASE_DAYS],
  });
  return row?.complete ?? false;
}

export interface NewXorb {
  readonly id: XorbId;
  readonly hash: XetHash;
  readonly place:
    | { readonly kind: 'stored'; readonly storageKey: ObjectKey }
    | { readonly kind: 'virtual'; readonly blobSha256: Sha256; readonly blobOffsetBytes: number };
  readonly index: XorbIndex;
  readonly rawBytes: number;
  readonly serializedBytes: number;
}

/**
 * Makes verified chunks a xorb. False when it is here already in the same form, locked now: then that one counts. Its index is written
 * again, so that this takes as long as when it is new.
 * An upload gets a lease, or renews it. A virtual xorb gets one when it is first named to a client.
 */
export async function insertXorb(tx: SqlTransaction, xorb: NewXorb): Promise<boolean> {
  const { place } = xorb;
  const [row] = await tx.query<{ inserted: boolean }>({
    name: 'insert-xorb',
    text: `
      insert into xet_xorb
        (hash, storage_key, blob_sha256, blob_offset_bytes, chunk_index, chunk_count, raw_bytes, serialized_bytes, lease_until, id)
      values ($1, $2, $3, $4, $5, $6, $7, $8, now() + make_interval(days => $9), $10)
      on conflict (id) do update set
        lease_until = greatest(xet_xorb.lease_until, excluded.lease_until), chunk_index = excluded.chunk_index
      returning xmax = 0 as inserted`,
    values: [
      xetHashBytes(xorb.hash),
      place.kind === 'stored' ? place.storageKey : null,
      place.kind === 'virtual' ? sha256ToBytes(place.blobSha256) : null,
      place.kind === 'virtual' ? place.blobOffsetBytes : null,
      encodeXorbIndex(xorb.index),
      xorb.index.lengths.length,
      xorb.rawBytes,
      xorb.serializedBytes,
      // No client has heard of a virtual xorb yet.
      place.kind === 'stored' ? XORB_LEASE_DAYS : 0,
      xorbIdBytes(xorb.id),
    ],
  });
  return row?.inserted ?? false;
}

/**
 * Notes who brought a locked xorb, and to which repository. A deleted repository gets nothing; the user may name the xorb
 * from now on all the same.
 * @returns false when he had brought it before, or a commit had named it here, in whatever form. What others brought and did
 *   not commit is not his to know.
 */
export async function linkXorb(
  tx: SqlTransaction,
  link: { readonly repoId: number; readonly uploaderId: number; readonly xorb: XorbId },
): Promise<boolean> {
  const [row] = await tx.query<{ is_new: boolean }>({
    name: 'link-xorb',
    text: `
      with home as (
        -- Waits for a deletion that is under way.
        select id from repo where id = $1 for key share
      ), linked as (
        insert into xet_repo_xorb (repo_id, xorb_id, uploader_id) select id, $2, $3 from home
        on conflict do nothing
      ), possessed as (
        insert into xet_possession (xorb_id, user_id) values ($2, $3)
        on conflict do nothing returning user_id
      )
      select exists (select from possessed) and not exists (
        select from xet_xorb own
        join xet_xorb x on x.hash = own.hash
        join xet_repo_xorb rx on rx.repo_id = $1 and rx.xorb_id = x.id and rx.used is not null
        where own.id = $2
      ) as is_new`,
    values: [link.repoId, xorbIdBytes(link.xorb), link.uploaderId],
  });
  return row?.is_new ?? false;
}

/** Chunks that other uploads will ask for. Their xorbs are locked. */
export async function insertChunks(
  tx: SqlTransaction,
  chunks: readonly { readonly hash: Buffer; readonly xorb: XorbId }[],
): Promise<void> {
  if (chunks.length === 0) return;
  await tx.execute({
    name: 'insert-xet-chunks',
    text: `
      insert into xet_chunk (hash, xorb_id) select hash, xorb from unnest($1::bytea[], $2::bytea[]) as q (hash, xorb)
      order by hash, xorb
      on conflict do nothing`,
    values: [chunks.map((chunk) => chunk.hash), chunks.map((chunk) => xorbIdBytes(chunk.xorb))],
  });
}

/** A row with the columns of `XORB_COLUMNS`. */
export interface XorbRow {
  id: Buffer;
  hash: Buffer;
  storage_key: string | null;
  blob_sha256: Buffer | null;
  blob_key: string | null;
  blob_offset_bytes: number | null;
  raw_bytes: number;
  serialized_bytes: number;
  chunk_count: number;
}

export function toXorb(row: XorbRow): Xorb {
  return {
    id: xorbIdText(row.id),
    hash: xetHashText(row.hash),
    place:
      row.storage_key === null
        ? {
            kind: 'virtual',
            blobSha256: sha256FromBytes(row.blob_sha256!),
            blobKey: parseObjectKey(row.blob_key!),
            blobOffsetBytes: row.blob_offset_bytes!,
          }
        : { kind: 'stored', storageKey: parseObjectKey(row.storage_key) },
    rawBytes: row.raw_bytes,
    serializedBytes: row.serialized_bytes,
    chunkCount: row.chunk_count,
  };
}
