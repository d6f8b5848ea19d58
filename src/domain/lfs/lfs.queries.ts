import type { SqlExecutor, SqlTransaction } from '../../db/sql.ts';
import { type Sha256, sha256FromBytes, sha256ToBytes } from '../../lib/sha256.ts';
import { type ObjectKey, parseObjectKey } from '../../storage/keys.ts';
import { type XetHash, xetHashText } from '../../xet/xet-hash.ts';
import { LfsObjectMissing } from '../errors.ts';
import { useXetFiles } from '../xet/xet-usage.queries.ts';

/** How long an object that was just uploaded or asked for waits for its commit. */
export const LEASE_HOURS = 48;

/** What the hub knows of an object, as seen by one caller from one repository. */
export interface LfsStatus {
  readonly sizeBytes: number;
  /** Null for an object that is kept in xorbs: then `xetHash` says how. */
  readonly storageKey: ObjectKey | null;
  readonly xetHash: XetHash | null;
  readonly isPresent: boolean;
  /** `uploaded`: the bytes were brought here, and no commit names them yet. */
  readonly link: 'none' | 'uploaded' | 'committed';
  /** Committed in another repository whose files the caller may read. */
  readonly isReadableElsewhere: boolean;
  /** The caller brought it for a pull request. */
  readonly isOffered: boolean;
}

/** Objects that are known at all, by hash. Knowing one here gives no right to it: look at `link`. */
export async function findLfsObjects(
  sql: SqlExecutor,
  seen: { readonly repoId: number; readonly userId: number | null; readonly sha256s: readonly Sha256[] },
): Promise<ReadonlyMap<Sha256, LfsStatus>> {
  if (seen.sha256s.length === 0) return new Map();
  const rows = await sql.query<{
    sha256: Buffer;
    size_bytes: number;
    storage_key: string | null;
    xet_hash: Buffer | null;
    state: string;
    link: LfsStatus['link'];
    readable: boolean;
    offered: boolean;
  }>({
    name: 'find-lfs-objects',
    text: `
      select o.sha256, o.size_bytes, o.storage_key, o.xet_hash, o.state,
        exists (
          select 1 from lfs_offer f where f.repo_id = $1 and f.sha256 = o.sha256 and f.user_id = $2
        ) as offered,
        case when l.repo_id is null then 'none' when l.committed_at is null then 'uploaded' else 'committed' end as link,
        exists (
          select 1
          from lfs_link k
          join repo r on r.id = k.repo_id
          left join membership m on m.org_id = r.owner_id and m.user_id = $2
          where k.sha256 = o.sha256 and k.repo_id <> $1 and k.committed_at is not null and not r.is_disabled
            and (r.owner_id = $2 or m.id is not null or (not r.is_private and r.gated is null))
        ) as readable
      from lfs_object o
      left join lfs_link l on l.repo_id = $1 and l.sha256 = o.sha256
      where o.sha256 = any($3::bytea[])`,
    values: [seen.repoId, seen.userId, seen.sha256s.map(sha256ToBytes)],
  });
  return new Map(
    rows.map((row) => [
      sha256FromBytes(row.sha256),
      {
        sizeBytes: row.size_bytes,
        ...placeOf(row),
        isPresent: row.state === 'present',
        link: row.link,
        isReadableElsewhere: row.readable,
        isOffered: row.offered,
      },
    ]),
  );
}

/**
 * Locks objects that are present, in order of their hash (two writers with another order would deadlock), and renews
 * their leases. The garbage collector waits for the end of the transaction, and then sees its links.
 * @returns what is present, by hash.
 */
export async function lockPresentObjects(
  tx: SqlTransaction,
  sha256s: readonly Sha256[],
): Promise<ReadonlyMap<Sha256, PresentObject>> {
  const rows = await tx.query<{ sha256: Buffer; size_bytes: number; blob_bytes: number }>({
    name: 'lock-present-objects',
    text: `
      with locked as (
        select sha256 from lfs_object where sha256 = any($1::bytea[]) and state = 'present'
        order by sha256 for no key update
      )
      update lfs_object o set
        touch = o.touch + 1,
        lease_until = greatest(o.lease_until, now() + make_interval(hours => $2))
      from locked where o.sha256 = locked.sha256
      returning o.sha256, o.size_bytes, case when o.storage_key is null then 0 else o.size_bytes end as blob_bytes`,
    values: [sha256s.map(sha256ToBytes), LEASE_HOURS],
  });
  return new Map(
    rows.map((row) => [
      sha256FromBytes(row.sha256),
      { sizeBytes: row.size_bytes, blobBytes: row.blob_bytes },
    ]),
  );
}

/** An object that is here. */
export interface PresentObject {
  readonly sizeBytes: number;
  /** What a repository is charged for it; 0 when it is kept in xorbs, which are charged by themselves. */
  readonly blobBytes: number;
}

/**
 * Part of a commit's transaction: from now on the repository's history names these objects. Call
 * `LfsService.ensureUploaded` before the transaction: it is what checks that the caller may have them.
 * @returns bytes that no earlier commit of this repository named, for the quota.
 * @throws {LfsObjectMissing} an object was collected in between; the transaction must end.
 */
export async function linkLfsObjects(
  tx: SqlTransaction,
  repoId: number,
  sha256s: readonly Sha256[],
): Promise<{ readonly newlyCommittedBytes: number }> {
  if (sha256s.length === 0) return { newlyCommittedBytes: 0 };
  const objects = await lockPresentObjects(tx, sha256s);
  const missing = sha256s.find((sha256) => !objects.has(sha256));
  if (missing) throw lfsObjectMissing(missing);
  const rows = await tx.query<{ sha256: Buffer }>({
    name: 'commit-lfs-links',
    text: `
      insert into lfs_link (repo_id, sha256, committed_at)
      select $1, sha256, now() from unnest($2::bytea[]) as sha256
      on conflict (repo_id, sha256) do update set committed_at = now() where lfs_link.committed_at is null
      returning sha256`,
    values: [repoId, sha256s.map(sha256ToBytes)],
  });
  const added = rows.map((row) => sha256FromBytes(row.sha256));
  const blobBytes = added.reduce((sum, sha256) => sum + (objects.get(sha256)?.blobBytes ?? 0), 0);
  return { newlyCommittedBytes: blobBytes + (await useXetFiles(tx, repoId, added)) };
}

/** Notes that the objects were brought to the repository. Lock them first. A deleted repository gets no link. */
export async function linkUploadedObjects(
  tx: SqlTransaction,
  repoId: number,
  sha256s: readonly Sha256[],
): Promise<void> {
  await tx.execute({
    name: 'link-uploaded-objects',
    text: `
      with home as (
        -- Waits for a deletion that is under way.
        select id from repo where id = $1 for key share
      )
      insert into lfs_link (repo_id, sha256)
      select home.id, sha256 from home, unnest($2::bytea[]) as sha256
      on conflict do nothing`,
    values: [repoId, sha256s.map(sha256ToBytes)],
  });
}

/** Where an object lies that this repository's history names; null when it never did. */
export async function locateLfsObject(
  sql: SqlExecutor,
  repoId: number,
  sha256: Sha256,
): Promise<ObjectPlace | null> {
  const [row] = await sql.query<PlaceRow & { state: string }>({
    name: 'locate-lfs-object',
    text: `
      select o.storage_key, o.xet_hash, o.state from lfs_link l join lfs_object o on o.sha256 = l.sha256
      where l.repo_id = $1 and l.sha256 = $2 and l.committed_at is not null`,
    values: [repoId, sha256ToBytes(sha256)],
  });
  return row ? { ...placeOf(row), isPresent: row.state === 'present' } : null;
}

/** Where the bytes of an object are: one blob, or what the Xet file says. */
export interface ObjectPlace {
  readonly storageKey: ObjectKey | null;
  readonly xetHash: XetHash | null;
  readonly isPresent: boolean;
}

interface PlaceRow {
  storage_key: string | null;
  xet_hash: Buffer | null;
}

function placeOf(row: PlaceRow): Pick<ObjectPlace, 'storageKey' | 'xetHash'> {
  return {
    storageKey: row.storage_key === null ? null : parseObjectKey(row.storage_key),
    xetHash: row.xet_hash && xetHashText(row.xet_hash),
  };
}

/** Where the newest generation of an object lies or lay; null when there is none that was a blob. */
export async function newestStorageKey(sql: SqlExecutor, sha256: Sha256): Promise<string | null> {
  const [row] = await sql.query<{ storage_key: string | null }>({
    text: 'select storage_key from lfs_object where sha256 = $1',
    values: [sha256ToBytes(sha256)],
  });
  return row?.storage_key ?? null;
}

/** Makes verified bytes an object. False when there is a present one already, locked now: then its bytes count. */
export async function insertLfsObject(
  tx: SqlTransaction,
  object: { readonly sha256: Sha256; readonly sizeBytes: number; readonly storageKey: ObjectKey },
): Promise<boolean> {
  const inserted = await tx.execute({
    name: 'insert-lfs-object',
    text: `
      insert into lfs_object (sha256, size_bytes, storage_key, lease_until)
      values ($1, $2, $3, now() + make_interval(hours => $4))
      on conflict (sha256) do update set
        size_bytes = excluded.size_bytes, storage_key = excluded.storage_key, xet_hash = null,
        lease_until = excluded.lease_until, state = 'present'
      where lfs_object.state <> 'present'`,
    values: [sha256ToBytes(object.sha256), object.sizeBytes, object.storageKey, LEASE_HOURS],
  });
  return inserted === 1;
}

/** Bytes that still fit into the repository's and its namespace's limits; null is unlimited. */
export async function readFreeBytes(sql: SqlExecutor, repoId: number): Promise<number | null> {
  const [row] = await sql.query<{ free_bytes: number | null }>({
    name: 'read-free-bytes',
    text: `
      select least(
        r.quota_bytes - r.used_bytes,
        case when r.is_private then a.private_quota_bytes - a.private_used_bytes
          else a.public_quota_bytes - a.public_used_bytes end
      ) as free_bytes
      from repo r join account a on a.id = r.owner_id where r.id = $1`,
    values: [repoId],
  });
  return row?.free_bytes ?? null;
}

export function lfsObjectMissing(sha256: Sha256): LfsObjectMissing {
  return new LfsObjectMissing(
    `The LFS object ${sha256} was not uploaded to this repository. Upload it, then commit again.`,
    { sha256 },
  );
}
