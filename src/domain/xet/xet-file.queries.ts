import type { SqlExecutor, SqlTransaction } from '../../db/sql.ts';
import { type Sha256, sha256FromBytes, sha256ToBytes } from '../../lib/sha256.ts';
import { type XetHash, xetHashBytes, xetHashText } from '../../xet/xet-hash.ts';
import { XORB_ID_BYTES } from '../../xet/xorb-id.ts';
import { LEASE_HOURS } from '../lfs/lfs.queries.ts';
import { FILE_OF_LINK } from './file-of-link.ts';
import { decodeTerms, type FileTerm, TERM_BYTES, TERM_FIELDS_AT } from '../../xet/file-terms.ts';
import { numberAt } from './xorb-visibility.ts';

export interface XetFileName {
  readonly hash: XetHash;
  readonly sha256: Sha256;
  readonly sizeBytes: number;
}

/** A file as it is put together from xorbs. */
export interface XetFileParts extends XetFileName {
  readonly terms: readonly FileTerm[];
}

/** A file that is to be written down. */
export interface NewXetFile extends XetFileName {
  /** See `encodeTerms`. */
  readonly terms: Buffer;
}

/** How to put a file together; null when it was collected. Permissions are not checked here. */
export async function readXetFile(sql: SqlExecutor, id: number): Promise<XetFileParts | null> {
  const [row] = await sql.query<{ hash: Buffer; sha256: Buffer; size_bytes: number; terms: Buffer }>({
    name: 'read-xet-file',
    text: 'select hash, sha256, size_bytes, terms from xet_file where id = $1',
    values: [id],
  });
  if (!row) return null;
  return {
    hash: xetHashText(row.hash),
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
  const rows = await sql.query<{ sha256: Buffer; hash: Buffer }>({
    name: 'find-xet-hashes',
    text: `
      select l.sha256, f.hash
      from lfs_link l
      join lfs_object o on o.sha256 = l.sha256 and o.state = 'present'
      join xet_file f on f.id = ${FILE_OF_LINK}
      where l.repo_id = $1 and l.sha256 = any($2::bytea[]) and l.committed_at is not null`,
    values: [repoId, sha256s.map(sha256ToBytes)],
  });
  return new Map(rows.map((row) => [sha256FromBytes(row.sha256), xetHashText(row.hash)]));
}

/**
 * Makes verified content an object, of which a Xet file follows in this transaction. An object that is present already is
 * locked with a new lease. Call it in the order of the contents' hashes, before the file's xorbs are locked.
 */
export async function upsertXetObject(
  tx: SqlTransaction,
  object: { readonly sha256: Sha256; readonly sizeBytes: number },
): Promise<void> {
  await tx.execute({
    name: 'upsert-xet-object',
    text: `
      insert into lfs_object as o (sha256, size_bytes, lease_until)
      values ($1, $2, now() + make_interval(hours => $3))
      on conflict (sha256) do update set
        storage_key = case when o.state = 'present' then o.storage_key end,
        lease_until = greatest(o.lease_until, excluded.lease_until),
        touch = o.touch + 1,
        state = 'present'`,
    values: [sha256ToBytes(object.sha256), object.sizeBytes, LEASE_HOURS],
  });
}

/** How a term's numbers stand in the bytes of `encodeTerms`: `at` is where the term begins. */
const termNumber = (field: number): string => numberAt('$4', `at + ${TERM_FIELDS_AT + 4 * field}`);

/**
 * Writes down how a file is put together. Its object exists, is locked, and its xorbs are locked. A file of the same terms is written
 * again, though nothing of it changes: so this takes as long as when it is new.
 * @returns its id.
 */
export async function insertXetFile(tx: SqlTransaction, file: NewXetFile): Promise<number> {
  const [row] = await tx.query<{ id: number }>({
    name: 'insert-xet-file',
    // Terms can be some hundred thousand: they travel once, as bytes.
    text: `
      with made as (
        insert into xet_file (hash, sha256, size_bytes, terms, terms_sha256) values ($1, $2, $3, $4, sha256($4))
        on conflict (hash, terms_sha256) do update set terms = excluded.terms returning id
      ), held as (
        insert into xet_file_xorb (file_id, xorb_id, used)
        select made.id, substring($4 from at + 1 for ${XORB_ID_BYTES}), range_agg(int4range(${termNumber(2)}, ${termNumber(3)}))
        from made, generate_series(0, length($4) - 1, ${TERM_BYTES}) as at
        group by 1, 2
        on conflict (file_id, xorb_id) do update set used = excluded.used
      )
      select id from made`,
    values: [xetHashBytes(file.hash), sha256ToBytes(file.sha256), file.sizeBytes, file.terms],
  });
  return row!.id;
}
