import type { SqlExecutor } from '../../db/sql.ts';
import { type Sha256, sha256FromBytes, sha256ToBytes } from '../../lib/sha256.ts';
import { type ObjectKey, parseObjectKey } from '../../storage/keys.ts';
import { type XetHash, xetHashBytes, xetHashText } from '../../xet/xet-hash.ts';
import { decodeTerms } from './file-terms.ts';
import type { XetFileParts } from './xet-file.queries.ts';

/** Who asks for a file, and through which repository. */
export interface XetReader {
  readonly repoId: number;
  readonly userId: number | null;
  /** Sees also what was uploaded to the repository and not committed yet. */
  readonly isWriter: boolean;
}

export interface ReadableXetFile extends XetFileParts {
  /** False when the bytes were removed. */
  readonly isPresent: boolean;
}

/** How to put a file together that the repository holds; null for one that the caller may not know of, as for one that is not there. */
export async function findReadableXetFile(
  sql: SqlExecutor,
  hash: XetHash,
  reader: XetReader,
): Promise<ReadableXetFile | null> {
  const [row] = await sql.query<{ sha256: Buffer; size_bytes: number; terms: Buffer; present: boolean }>({
    name: 'find-readable-xet-file',
    text: `
      select f.sha256, f.size_bytes, f.terms, o.state = 'present' as present
      from xet_file f join lfs_object o on o.sha256 = f.sha256
      where f.hash = $1 and (
        exists (
          select 1 from lfs_link l
          where l.repo_id = $2 and l.sha256 = f.sha256 and (l.committed_at is not null or $4)
        ) or exists (
          select 1 from lfs_offer e where e.repo_id = $2 and e.sha256 = f.sha256 and e.user_id = $3
        )
      )`,
    values: [xetHashBytes(hash), reader.repoId, reader.userId, reader.isWriter],
  });
  if (!row) return null;
  return {
    hash,
    sha256: sha256FromBytes(row.sha256),
    sizeBytes: row.size_bytes,
    terms: decodeTerms(row.terms),
    isPresent: row.present,
  };
}

/** A content as a repository names it. */
export interface XetHashLookup {
  readonly repoId: number;
  readonly sha256: Sha256;
}

/**
 * The Xet hashes that clients are told of, in the order of the questions. Null for a content without one, and for one that no commit
 * brought to the repository: anybody may commit a pointer file that names the content of somebody else.
 */
export async function lookUpXetHashes(
  sql: SqlExecutor,
  lookups: readonly XetHashLookup[],
): Promise<(XetHash | null)[]> {
  const rows = await sql.query<{ at: number; xet_hash: Buffer }>({
    name: 'look-up-xet-hashes',
    text: `
      select q.at, o.xet_hash
      from unnest($1::bigint[], $2::bytea[]) with ordinality as q (repo_id, sha256, at)
      join lfs_link l on l.repo_id = q.repo_id and l.sha256 = q.sha256 and l.committed_at is not null
      join lfs_object o on o.sha256 = q.sha256 and o.state = 'present' and o.xet_hash is not null`,
    values: [lookups.map((lookup) => lookup.repoId), lookups.map((lookup) => sha256ToBytes(lookup.sha256))],
  });
  const hashes: (XetHash | null)[] = lookups.map(() => null);
  for (const row of rows) hashes[row.at - 1] = xetHashText(row.xet_hash);
  return hashes;
}

/** Where content is that somebody may read: one blob, or what the Xet file says. */
export interface ContentPlace {
  readonly sizeBytes: number;
  readonly storageKey: ObjectKey | null;
  readonly xetHash: XetHash | null;
}

/** Null when the hub does not have the content. Permissions are not checked here. */
export async function locateContent(sql: SqlExecutor, sha256: Sha256): Promise<ContentPlace | null> {
  const [row] = await sql.query<{ size_bytes: number; storage_key: string | null; xet_hash: Buffer | null }>({
    name: 'locate-content',
    text: `select size_bytes, storage_key, xet_hash from lfs_object where sha256 = $1 and state = 'present'`,
    values: [sha256ToBytes(sha256)],
  });
  if (!row) return null;
  return {
    sizeBytes: row.size_bytes,
    storageKey: row.storage_key === null ? null : parseObjectKey(row.storage_key),
    xetHash: row.xet_hash && xetHashText(row.xet_hash),
  };
}
