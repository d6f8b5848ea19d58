import type { SqlTransaction } from '../../db/sql.ts';
import { rangeBytes } from '../xet/xet-usage.queries.ts';
import { findUnnamedLfs } from './collect.queries.ts';

export interface ReleasedLfs {
  readonly links: number;
  /** What the repository is not charged for any more. */
  readonly bytes: number;
}

/**
 * After pointers were deleted: the repository's history does not name these LFS objects any more, unless other pointers do. The
 * links become those of uploads that wait for their commit, so that whoever was told that the hub has the object may still commit
 * it while its lease runs; then the sweep of LFS objects removes link and object.
 */
export async function releaseLfs(
  tx: SqlTransaction,
  { storeId, repoId }: { readonly storeId: number; readonly repoId: number },
  sha256s: readonly Buffer[],
): Promise<ReleasedLfs> {
  if (sha256s.length === 0) return { links: 0, bytes: 0 };
  const unnamed = await findUnnamedLfs(tx, storeId, sha256s);
  await tx.execute({
    name: 'gc-forget-pruned-lfs',
    text: 'delete from lfs_pruned where repo_id = $1 and sha256 = any($2::bytea[])',
    values: [repoId, unnamed],
  });
  return releaseLinks(tx, repoId, unnamed);
}

/** Makes committed links those of uploads that wait for their commit. Give the bytes back to the quota in the same transaction. */
export async function releaseLinks(
  tx: SqlTransaction,
  repoId: number,
  sha256s: readonly Buffer[],
): Promise<ReleasedLfs> {
  // In order of their hash, as everybody locks them.
  const objects = await tx.query<{ sha256: Buffer }>({
    name: 'gc-lock-lfs-objects',
    text: 'select sha256 from lfs_object where sha256 = any($1::bytea[]) order by sha256 for no key update',
    values: [sha256s],
  });
  const released = await tx.query<ReleasedLink>({
    name: 'gc-release-lfs-links',
    text: `
      update lfs_link l set committed_at = null from lfs_object o
      where l.repo_id = $1 and l.sha256 = any($2::bytea[]) and l.committed_at is not null and o.sha256 = l.sha256
      returning l.sha256, l.xet_file_id as "xetFileId", o.size_bytes as "sizeBytes"`,
    values: [repoId, objects.map((row) => row.sha256)],
  });
  if (released.length === 0) return { links: 0, bytes: 0 };
  const blobs = released.filter((link) => link.xetFileId === null);
  const blobBytes = blobs.reduce((sum, link) => sum + link.sizeBytes, 0);
  const xorbBytes = await releaseXorbs(tx, repoId, {
    fileIds: released.flatMap((link) => link.xetFileId ?? []),
    blobs: blobs.map((link) => link.sha256),
  });
  return { links: released.length, bytes: blobBytes + xorbBytes };
}

interface ReleasedLink {
  readonly sha256: Buffer;
  /** Null when the repository held the blob. */
  readonly xetFileId: number | null;
  readonly sizeBytes: number;
}

/** The reverse of `useXetFiles`: what the repository's other files need of these objects' xorbs. Returns bytes to give back. */
async function releaseXorbs(
  tx: SqlTransaction,
  repoId: number,
  released: { readonly fileIds: readonly number[]; readonly blobs: readonly Buffer[] },
): Promise<number> {
  await tx.query({
    name: 'lock-xet-usage',
    text: `select pg_advisory_xact_lock(hashtextextended('xet-usage:' || $1::bigint, 0))`,
    values: [repoId],
  });
  const [freed] = await tx.query<{ bytes: number }>({
    name: 'gc-release-xorbs',
    text: `
      with touched as (
        select xorb_id from xet_file_xorb where file_id = any($2::bigint[])
        union
        -- Chunks of a blob that was charged: what other files need of them costs something from now on.
        select id from xet_xorb where blob_sha256 = any($3::bytea[])
      ), affected as (
        select rx.xorb_id, x.blob_sha256, rx.used as before, coalesce((
          select range_agg(fx.used)
          from xet_file_xorb fx
          join lfs_link l on l.repo_id = $1 and l.xet_file_id = fx.file_id and l.committed_at is not null
          where fx.xorb_id = rx.xorb_id
        ), '{}') as after
        from touched t
        join xet_repo_xorb rx on rx.repo_id = $1 and rx.xorb_id = t.xorb_id and rx.used is not null
        join xet_xorb x on x.id = rx.xorb_id
      ), written as (
        update xet_repo_xorb rx set used = nullif(a.after, '{}') from affected a
        where rx.repo_id = $1 and rx.xorb_id = a.xorb_id
      ), priced as (
        select ${rangeBytes('before')} as before_bytes, ${rangeBytes('after')} as after_bytes,
          l.repo_id is not null as blob_is_charged, coalesce(blob_sha256 = any($3::bytea[]), false) as blob_was_charged
        from affected a
        left join lfs_link l on l.repo_id = $1 and l.sha256 = a.blob_sha256 and l.xet_file_id is null
          and l.committed_at is not null
      )
      select coalesce(sum(
        case when blob_is_charged or blob_was_charged then 0 else before_bytes end
          - case when blob_is_charged then 0 else after_bytes end
      ), 0)::bigint as bytes
      from priced`,
    values: [repoId, released.fileIds, released.blobs],
  });
  return freed?.bytes ?? 0;
}
