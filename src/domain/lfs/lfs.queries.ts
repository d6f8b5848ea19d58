import { isAccepted } from '../repo/repo.queries.ts';
import type { SqlExecutor, SqlTransaction } from '../../db/sql.ts';
import { type Sha256, sha256FromBytes, sha256ToBytes } from '../../lib/sha256.ts';
import { type ObjectKey, parseObjectKey } from '../../storage/keys.ts';
import { type XetHash, xetHashText } from '../../xet/xet-hash.ts';
import { LfsObjectMissing } from '../errors.ts';
import { FILE_OF_LINK } from '../xet/file-of-link.ts';
import { useXetFiles } from '../xet/xet-usage.queries.ts';

/** How long an object that was just uploaded or asked for waits for its commit. */
export const LEASE_HOURS = 48;

/** What the hub knows of an object, as seen by one caller from one repository. */
export interface LfsStatus {
  readonly sizeBytes: number;
  /** Of the blob, if this repository holds the object so. */
  readonly storageKey: ObjectKey | null;
  /** Of the Xet file, if it holds it so. */
  readonly xetFileId: number | null;
  /** What Xet clients of this repository are told; null without a link, and for a blob that was not cut into chunks yet. */
  readonly xetHash: XetHash | null;
  readonly isPresent: boolean;
  /** `uploaded`: the bytes were brought here, and no commit names them yet. */
  readonly link: 'none' | 'uploaded' | 'committed';
  /** Committed in another repository whose files the caller may read. */
  readonly isReadableElsewhere: boolean;
  /** The caller brought it for a pull request. */
  readonly isOffered: boolean;
  /** This repository's history names it, and its settings said not to keep it. */
  readonly isPruned: boolean;
}

/**
 * Links `k` of a content to other repositories than `$1` whose files the user `$2`, or everybody if that is null, may read, as SQL.
 * @param sha256 the content.
 */
export function readableLinks(sha256: string): string {
  return `
    from lfs_link k
    join repo r on r.id = k.repo_id
    left join membership m on m.org_id = r.owner_id and m.user_id = $2
    where k.sha256 = ${sha256} and k.repo_id <> $1 and k.committed_at is not null and not r.is_disabled
      and (r.owner_id = $2 or m.id is not null or (not r.is_private and (r.gated is null or ${isAccepted('$2')})))`;
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
    xet_file_id: number | null;
    xet_hash: Buffer | null;
    state: string;
    link: LfsStatus['link'];
    readable: boolean;
    offered: boolean;
    pruned: boolean;
  }>({
    name: 'find-lfs-objects',
    text: `
      select o.sha256, o.size_bytes, ${PLACE_OF_LINK}, shown.hash as xet_hash, o.state,
        exists (
          select 1 from lfs_offer f where f.repo_id = $1 and f.sha256 = o.sha256 and f.user_id = $2
        ) as offered,
        case when l.repo_id is null then 'none' when l.committed_at is null then 'uploaded' else 'committed' end as link,
        exists (select ${readableLinks('o.sha256')}) as readable,
        exists (select from lfs_pruned p where p.repo_id = $1 and p.sha256 = o.sha256) as pruned
      from lfs_object o
      left join lfs_link l on l.repo_id = $1 and l.sha256 = o.sha256
      left join xet_file shown on l.repo_id is not null and shown.id = ${FILE_OF_LINK}
      where o.sha256 = any($3::bytea[])`,
    values: [seen.repoId, seen.userId, seen.sha256s.map(sha256ToBytes)],
  });
  return new Map(
    rows.map((row) => [
      sha256FromBytes(row.sha256),
      {
        sizeBytes: row.size_bytes,
        ...placeOf(row),
        xetHash: row.xet_hash && xetHashText(row.xet_hash),
        isPresent: row.state === 'present',
        link: row.link,
        isReadableElsewhere: row.readable,
        isOffered: row.offered,
        isPruned: row.pruned,
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
  const rows = await tx.query<{ sha256: Buffer; size_bytes: number }>({
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
      returning o.sha256, o.size_bytes`,
    values: [sha256s.map(sha256ToBytes), LEASE_HOURS],
  });
  return new Map(rows.map((row) => [sha256FromBytes(row.sha256), { sizeBytes: row.size_bytes }]));
}

/** An object that is here. */
export interface PresentObject {
  readonly sizeBytes: number;
}

/**
 * Part of a commit's transaction: from now on the repository's history names these objects. Call
 * `LfsService.ensureUploaded` before the transaction: it is what checks that the caller may have them, and links them. A link that
 * was lost since is made again, to the blob if there is one.
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
  const rows = await tx.query<{ sha256: Buffer; is_blob: boolean }>({
    name: 'commit-lfs-links',
    text: `
      with brought_back as (
        delete from lfs_pruned where repo_id = $1 and sha256 = any($2::bytea[])
      )
      insert into lfs_link (repo_id, sha256, xet_file_id, committed_at)
      select $1, sha256, case when storage_key is null then (select min(id) from xet_file f where f.sha256 = o.sha256) end, now()
      from lfs_object o where sha256 = any($2::bytea[])
      on conflict (repo_id, sha256) do update set committed_at = now() where lfs_link.committed_at is null
      returning sha256, xet_file_id is null as is_blob`,
    values: [repoId, sha256s.map(sha256ToBytes)],
  });
  const added = rows.map((row) => ({ sha256: sha256FromBytes(row.sha256), isBlob: row.is_blob }));
  const blobs = added.filter(({ isBlob }) => isBlob);
  const blobBytes = blobs.reduce((sum, { sha256 }) => sum + (objects.get(sha256)?.sizeBytes ?? 0), 0);
  const xorbBytes = await useXetFiles(
    tx,
    repoId,
    added.map(({ sha256 }) => sha256),
  );
  return { newlyCommittedBytes: blobBytes + xorbBytes };
}

/** A content and how somebody brought it: as a Xet file, or, if that is null, as the blob. */
export interface BroughtObject {
  readonly sha256: Sha256;
  readonly xetFileId: number | null;
  /** Of the copy of the blob that is this repository's, if there is one. */
  readonly copyKey?: ObjectKey | null;
}

/**
 * Notes that objects were brought to the repository. Lock them first. A repository that holds the object already goes on to hold it as
 * it did, and a deleted one gets no link.
 */
export async function linkBroughtObjects(
  tx: SqlTransaction,
  repoId: number,
  objects: readonly BroughtObject[],
): Promise<void> {
  await tx.execute({
    name: 'link-brought-objects',
    text: `
      with ${HOME}
      insert into lfs_link (repo_id, sha256, xet_file_id, copy_key)
      select home.id, q.sha256, q.xet_file_id, q.copy_key
      from home, unnest($2::bytea[], $3::bigint[], $4::text[]) as q (sha256, xet_file_id, copy_key)
      on conflict do nothing`,
    values: [
      repoId,
      objects.map((object) => sha256ToBytes(object.sha256)),
      objects.map((object) => object.xetFileId),
      objects.map((object) => object.copyKey ?? null),
    ],
  });
}

/** The repository `$1`, if it is not deleted. */
const HOME = `
  home as (
    -- Waits for a deletion that is under way.
    select id from repo where id = $1 for key share
  )`;

/** Who may commit objects to a repository, and where he has them from. */
export interface ObjectUser {
  readonly repoId: number;
  readonly userId: number;
  /** Asked before other repositories how it holds the objects; null if none is. */
  readonly sourceRepoId: number | null;
}

/**
 * Links objects that the user offered to the repository, or may read elsewhere. It holds them as they are held there. Lock them first.
 * @returns those that the repository holds now.
 */
export async function linkUsableObjects(
  tx: SqlTransaction,
  { repoId, userId, sourceRepoId }: ObjectUser,
  sha256s: readonly Sha256[],
): Promise<ReadonlySet<Sha256>> {
  const rows = await tx.query<{ sha256: Buffer }>({
    name: 'link-usable-objects',
    text: `
      with ${HOME}, linked as (
        insert into lfs_link (repo_id, sha256, xet_file_id, copy_key, is_presented)
        select home.id, q.sha256, held.xet_file_id, held.copy_key, held.is_presented
        from home, unnest($3::bytea[]) as q (sha256) cross join lateral (
          select way.xet_file_id, way.copy_key, way.is_presented from (
            select f.xet_file_id, null as copy_key, false as is_presented, 0 as distance, f.created_at
            from lfs_offer f where f.repo_id = $1 and f.sha256 = q.sha256 and f.user_id = $2
            union all
            select k.xet_file_id, k.copy_key, k.is_presented, case when k.repo_id = $4 then 1 else 2 end, k.created_at ${readableLinks('q.sha256')}
          ) way order by way.distance, way.created_at limit 1
        ) held
        on conflict do nothing returning sha256
      )
      select sha256 from linked
      union all
      select sha256 from lfs_link where repo_id = $1 and sha256 = any($3::bytea[])`,
    values: [repoId, userId, sha256s.map(sha256ToBytes), sourceRepoId],
  });
  return new Set(rows.map((row) => sha256FromBytes(row.sha256)));
}

/** Whether a repository holds an object, committed or not. */
export async function holdsObject(sql: SqlExecutor, repoId: number, sha256: Sha256): Promise<boolean> {
  const rows = await sql.query({
    name: 'holds-object',
    text: 'select from lfs_link where repo_id = $1 and sha256 = $2',
    values: [repoId, sha256ToBytes(sha256)],
  });
  return rows.length > 0;
}

/** A content as a repository names it. */
export interface LfsLookup {
  readonly repoId: number;
  readonly sha256: Sha256;
}

/**
 * Where objects lie, in the order of the questions. Null for a content that no commit brought to the repository: anybody may commit
 * a pointer file that names the content of somebody else.
 */
export async function locateLfsObjects(
  sql: SqlExecutor,
  lookups: readonly LfsLookup[],
): Promise<(ObjectPlace | null)[]> {
  const rows = await sql.query<PlaceRow & { at: number; state: string; hash: Buffer | null }>({
    name: 'locate-lfs-objects',
    text: `
      select q.at, ${PLACE_OF_LINK}, o.state, f.hash
      from unnest($1::bigint[], $2::bytea[]) with ordinality as q (repo_id, sha256, at)
      join lfs_link l on l.repo_id = q.repo_id and l.sha256 = q.sha256 and l.committed_at is not null
      join lfs_object o on o.sha256 = q.sha256
      left join xet_file f on f.id = ${FILE_OF_LINK} and o.state = 'present'`,
    values: [lookups.map((lookup) => lookup.repoId), lookups.map((lookup) => sha256ToBytes(lookup.sha256))],
  });
  const places: (ObjectPlace | null)[] = lookups.map(() => null);
  for (const row of rows) {
    const xetHash = row.hash && xetHashText(row.hash);
    places[row.at - 1] = { ...placeOf(row), isPresent: row.state === 'present', xetHash };
  }
  return places;
}

/** Where a repository has the bytes of an object: in one blob, or where the Xet file says. */
export interface ObjectPlace {
  readonly storageKey: ObjectKey | null;
  readonly xetFileId: number | null;
  readonly isPresent: boolean;
  /** What clients are told; null for a content without chunks. */
  readonly xetHash: XetHash | null;
}

interface PlaceRow {
  storage_key: string | null;
  xet_file_id: number | null;
}

/** What `placeOf` needs, of the link `l` and its object `o`. */
const PLACE_OF_LINK = `
  case when l.repo_id is not null and l.xet_file_id is null then coalesce(l.copy_key, o.storage_key) end as storage_key, l.xet_file_id`;

function placeOf(row: PlaceRow): Pick<ObjectPlace, 'storageKey' | 'xetFileId'> {
  return {
    storageKey: row.storage_key === null ? null : parseObjectKey(row.storage_key),
    xetFileId: row.xet_file_id,
  };
}

/** Makes verified bytes the blob of an object. False when it has one already, locked now: then those bytes count. */
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
        size_bytes = excluded.size_bytes, storage_key = excluded.storage_key, xet_file_id = null,
        lease_until = excluded.lease_until, state = 'present'
      where lfs_object.state <> 'present' or lfs_object.storage_key is null`,
    values: [sha256ToBytes(object.sha256), object.sizeBytes, object.storageKey, LEASE_HOURS],
  });
  return inserted === 1;
}

/** Verified bytes of an object that has a blob already, locked now. A link that is made in the same transaction keeps them. */
export async function insertLfsCopy(
  tx: SqlTransaction,
  copy: { readonly sha256: Sha256; readonly storageKey: ObjectKey },
): Promise<void> {
  await tx.execute({
    name: 'insert-lfs-copy',
    text: 'insert into lfs_copy (storage_key, sha256) values ($1, $2)',
    values: [copy.storageKey, sha256ToBytes(copy.sha256)],
  });
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
