import type { SqlExecutor, SqlTransaction } from '../../db/sql.ts';
import { type Sha256, sha256FromBytes, sha256ToBytes } from '../../lib/sha256.ts';
import { type ObjectKey, parseObjectKey } from '../../storage/keys.ts';
import { TERM_BYTES } from '../../xet/file-terms.ts';
import { XET_HASH_BYTES, type XetHash, xetHashBytes, xetHashText } from '../../xet/xet-hash.ts';
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

export interface Xorb {
  readonly hash: XetHash;
  readonly place: XorbPlace;
  readonly rawBytes: number;
  readonly serializedBytes: number;
  readonly chunkCount: number;
}

/** What `toXorb` needs, of the xorb `x` and the object `o` of its blob. */
export const XORB_COLUMNS = `
  x.hash, x.storage_key, x.blob_sha256, o.storage_key as blob_key, x.blob_offset_bytes, x.raw_bytes,
  x.serialized_bytes, x.chunk_count`;

/** Xorbs that are here, without their chunks. This says nothing of who may see them. */
export async function findXorbs(
  sql: SqlExecutor,
  hashes: readonly XetHash[],
): Promise<ReadonlyMap<XetHash, Xorb>> {
  if (hashes.length === 0) return new Map();
  const rows = await sql.query<XorbRow>({
    name: 'find-xorbs',
    text: `
      select ${XORB_COLUMNS}
      from xet_xorb x left join lfs_object o on o.sha256 = x.blob_sha256
      where x.hash = any($1::bytea[])`,
    values: [hashes.map(xetHashBytes)],
  });
  return new Map(rows.map(toXorb).map((xorb) => [xorb.hash, xorb]));
}

/** The chunks of xorbs: 40 bytes a chunk, at most 320 KiB a xorb. Ask for few at once. */
export async function readXorbIndexes(
  sql: SqlExecutor,
  hashes: readonly XetHash[],
): Promise<ReadonlyMap<XetHash, XorbIndex>> {
  if (hashes.length === 0) return new Map();
  const rows = await sql.query<{ hash: Buffer; chunk_index: Buffer }>({
    name: 'read-xorb-indexes',
    text: 'select hash, chunk_index from xet_xorb where hash = any($1::bytea[])',
    values: [hashes.map(xetHashBytes)],
  });
  return new Map(rows.map((row) => [xetHashText(row.hash), decodeXorbIndex(row.chunk_index)]));
}

/**
 * Locks xorbs in the order of their hash and renews their leases: the collector waits, and then sees what the transaction
 * wrote. Objects are locked before xorbs (`lockPresentObjects`).
 * @returns those that are here.
 */
export async function lockXorbs(
  tx: SqlTransaction,
  hashes: readonly XetHash[],
): Promise<ReadonlySet<XetHash>> {
  const rows = await tx.query<{ hash: Buffer }>({
    name: 'lock-xorbs',
    text: `
      with locked as (
        select hash from xet_xorb where hash = any($1::bytea[]) order by hash for no key update
      )
      update xet_xorb x set lease_until = greatest(x.lease_until, now() + make_interval(days => $2))
      from locked where x.hash = locked.hash returning x.hash`,
    values: [hashes.map(xetHashBytes), XORB_LEASE_DAYS],
  });
  return new Set(rows.map((row) => xetHashText(row.hash)));
}

/** As `lockXorbs`, for all xorbs that files need. @param terms of each file: see `encodeTerms`. They can be very many, so no list is made of them here. */
export async function lockXorbsOf(tx: SqlTransaction, terms: readonly Buffer[]): Promise<void> {
  await tx.execute({
    name: 'lock-xorbs-of',
    text: `
      with locked as (
        select hash from xet_xorb where hash in (
          select distinct substring($1::bytea from at + 1 for ${XET_HASH_BYTES})
          from generate_series(0, length($1::bytea) - 1, ${TERM_BYTES}) as at
        ) order by hash for no key update
      )
      update xet_xorb x set lease_until = greatest(x.lease_until, now() + make_interval(days => $2))
      from locked where x.hash = locked.hash`,
    values: [Buffer.concat(terms), XORB_LEASE_DAYS],
  });
}

export interface NewXorb {
  readonly hash: XetHash;
  readonly place:
    | { readonly kind: 'stored'; readonly storageKey: ObjectKey }
    | { readonly kind: 'virtual'; readonly blobSha256: Sha256; readonly blobOffsetBytes: number };
  readonly index: XorbIndex;
  readonly rawBytes: number;
  readonly serializedBytes: number;
}

/**
 * Makes verified chunks a xorb. False when there is one already, locked now: then that one counts.
 * An upload gets a lease, or renews it. A virtual xorb gets one when it is first named to a client.
 */
export async function insertXorb(tx: SqlTransaction, xorb: NewXorb): Promise<boolean> {
  const { place } = xorb;
  const [row] = await tx.query<{ inserted: boolean }>({
    name: 'insert-xorb',
    text: `
      insert into xet_xorb
        (hash, storage_key, blob_sha256, blob_offset_bytes, chunk_index, chunk_count, raw_bytes, serialized_bytes, lease_until)
      values ($1, $2, $3, $4, $5, $6, $7, $8, now() + make_interval(days => $9))
      on conflict (hash) do update set lease_until = greatest(xet_xorb.lease_until, excluded.lease_until)
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
    ],
  });
  return row?.inserted ?? false;
}

/**
 * Notes who brought a locked xorb, and to which repository. A deleted repository gets nothing; the user may name the xorb
 * from now on all the same.
 * @returns false when he had brought it before, or a commit had named it here. What others brought and did not commit is
 *   not his to know.
 */
export async function linkXorb(
  tx: SqlTransaction,
  link: { readonly repoId: number; readonly uploaderId: number; readonly hash: XetHash },
): Promise<boolean> {
  const [row] = await tx.query<{ is_new: boolean }>({
    name: 'link-xorb',
    text: `
      with home as (
        -- Waits for a deletion that is under way.
        select id from repo where id = $1 for key share
      ), linked as (
        insert into xet_repo_xorb (repo_id, xorb_hash, uploader_id) select id, $2, $3 from home
        on conflict do nothing
      ), possessed as (
        insert into xet_possession (xorb_hash, user_id) values ($2, $3)
        on conflict do nothing returning user_id
      )
      select exists (select from possessed) and not exists (
        select from xet_repo_xorb where repo_id = $1 and xorb_hash = $2 and used is not null
      ) as is_new`,
    values: [link.repoId, xetHashBytes(link.hash), link.uploaderId],
  });
  return row?.is_new ?? false;
}

/** Chunks that other uploads will ask for. Their xorbs are locked. */
export async function insertChunks(
  tx: SqlTransaction,
  chunks: readonly { readonly hash: Buffer; readonly xorb: XetHash }[],
): Promise<void> {
  if (chunks.length === 0) return;
  await tx.execute({
    name: 'insert-xet-chunks',
    text: `
      insert into xet_chunk (hash, xorb_hash) select hash, xorb from unnest($1::bytea[], $2::bytea[]) as q (hash, xorb)
      order by hash, xorb
      on conflict do nothing`,
    values: [chunks.map((chunk) => chunk.hash), chunks.map((chunk) => xetHashBytes(chunk.xorb))],
  });
}

/** A row with the columns of `XORB_COLUMNS`. */
export interface XorbRow {
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
