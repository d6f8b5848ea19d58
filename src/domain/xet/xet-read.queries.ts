import type { SqlExecutor } from '../../db/sql.ts';
import { type Sha256, sha256FromBytes, sha256ToBytes } from '../../lib/sha256.ts';
import { type XetHash, xetHashBytes } from '../../xet/xet-hash.ts';
import { decodeTerms } from '../../xet/file-terms.ts';
import { FILE_OF_LINK } from './file-of-link.ts';
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

/**
 * How to put a file together that the repository holds, as its own members brought it. Null for one that the caller may not know of, as
 * for one that is not there.
 */
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
      cross join lateral (
        select exists (
          select from lfs_link l
          where l.repo_id = $2 and l.sha256 = f.sha256 and ${FILE_OF_LINK} = f.id and (l.committed_at is not null or $4)
        ) as held, exists (
          select from lfs_offer e
          where e.repo_id = $2 and e.sha256 = f.sha256 and e.user_id = $3 and e.xet_file_id = f.id
        ) as offered
      ) seen
      where f.hash = $1 and (seen.held or seen.offered)
      -- Not by age: somebody else may have made the file.
      order by seen.held desc limit 1`,
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

/** The length of the content of a Xet file; null when it was collected. Permissions are not checked here. */
export async function findXetFileBytes(
  sql: SqlExecutor,
  file: { readonly id: number; readonly sha256: Sha256 },
): Promise<number | null> {
  const [row] = await sql.query<{ size_bytes: number }>({
    name: 'find-xet-file-bytes',
    text: `
      select f.size_bytes from xet_file f join lfs_object o on o.sha256 = f.sha256 and o.state = 'present'
      where f.id = $1 and f.sha256 = $2`,
    values: [file.id, sha256ToBytes(file.sha256)],
  });
  return row?.size_bytes ?? null;
}
