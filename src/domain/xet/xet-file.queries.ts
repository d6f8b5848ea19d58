import type { SqlExecutor, SqlTransaction } from '../../db/sql.ts';
import { type Sha256, sha256FromBytes, sha256ToBytes } from '../../lib/sha256.ts';
import { type XetHash, xetHashBytes, xetHashText } from '../../xet/xet-hash.ts';
import { LEASE_HOURS } from '../lfs/lfs.queries.ts';
import { decodeTerms, encodeTerms, type FileTerm } from './file-terms.ts';

/** A file as it is put together from xorbs. */
export interface XetFileParts {
  readonly hash: XetHash;
  readonly sha256: Sha256;
  readonly sizeBytes: number;
  readonly terms: readonly FileTerm[];
}

/** How to put a file together; null when the hub does not know it. Permissions are not checked here. */
export async function readXetFile(sql: SqlExecutor, hash: XetHash): Promise<XetFileParts | null> {
  const [row] = await sql.query<{ sha256: Buffer; size_bytes: number; terms: Buffer }>({
    name: 'read-xet-file',
    text: 'select sha256, size_bytes, terms from xet_file where hash = $1',
    values: [xetHashBytes(hash)],
  });
  if (!row) return null;
  return {
    hash,
    sha256: sha256FromBytes(row.sha256),
    sizeBytes: row.size_bytes,
    terms: decodeTerms(row.terms),
  };
}

/**
 * The Xet hashes that clients are told of, by content. Contents without one are left out, and those that no commit of the
 * repository brought: anybody may commit a pointer file that names the content of somebody else.
 */
export async function findXetHashes(
  sql: SqlExecutor,
  repoId: number,
  sha256s: readonly Sha256[],
): Promise<ReadonlyMap<Sha256, XetHash>> {
  if (sha256s.length === 0) return new Map();
  const rows = await sql.query<{ sha256: Buffer; xet_hash: Buffer }>({
    name: 'find-xet-hashes',
    text: `
      select o.sha256, o.xet_hash from lfs_link l join lfs_object o on o.sha256 = l.sha256
      where l.repo_id = $1 and l.sha256 = any($2::bytea[]) and l.committed_at is not null
        and o.xet_hash is not null and o.state = 'present'`,
    values: [repoId, sha256s.map(sha256ToBytes)],
  });
  return new Map(rows.map((row) => [sha256FromBytes(row.sha256), xetHashText(row.xet_hash)]));
}

/**
 * Makes verified content an object that is kept in xorbs. An object that is present already stays as it is kept, and is
 * locked with a new lease. Call it in the order of the contents' hashes, before the file's xorbs are locked.
 */
export async function upsertXetObject(
  tx: SqlTransaction,
  object: { readonly sha256: Sha256; readonly sizeBytes: number; readonly xetHash: XetHash },
): Promise<void> {
  await tx.execute({
    name: 'upsert-xet-object',
    text: `
      insert into lfs_object as o (sha256, size_bytes, xet_hash, lease_until)
      values ($1, $2, $3, now() + make_interval(hours => $4))
      on conflict (sha256) do update set
        storage_key = case when o.state = 'present' then o.storage_key end,
        xet_hash = case when o.state = 'present' then coalesce(o.xet_hash, excluded.xet_hash) else excluded.xet_hash end,
        lease_until = greatest(o.lease_until, excluded.lease_until),
        touch = o.touch + 1,
        state = 'present'`,
    values: [sha256ToBytes(object.sha256), object.sizeBytes, xetHashBytes(object.xetHash), LEASE_HOURS],
  });
}

/**
 * Writes down how a file is put together. Its object exists and its xorbs are locked. A file that is known stays as it is:
 * the same hash means the same chunks.
 */
export async function insertXetFile(tx: SqlTransaction, file: XetFileParts): Promise<void> {
  const inserted = await tx.execute({
    name: 'insert-xet-file',
    text: `
      insert into xet_file (hash, sha256, size_bytes, terms) values ($1, $2, $3, $4) on conflict do nothing`,
    values: [xetHashBytes(file.hash), sha256ToBytes(file.sha256), file.sizeBytes, encodeTerms(file.terms)],
  });
  if (inserted === 0) return;
  await tx.execute({
    name: 'insert-xet-file-xorbs',
    text: `
      insert into xet_file_xorb (file_hash, xorb_hash, used)
      select $1, xorb, range_agg(int4range(first, past))
      from unnest($2::bytea[], $3::int[], $4::int[]) as term (xorb, first, past)
      group by xorb`,
    values: [
      xetHashBytes(file.hash),
      file.terms.map((term) => xetHashBytes(term.xorb)),
      file.terms.map((term) => term.byteStart),
      file.terms.map((term) => term.byteEnd),
    ],
  });
}
