import type { SqlExecutor, SqlTransaction } from '../../db/sql.ts';
import { type Sha256, sha256FromBytes, sha256ToBytes } from '../../lib/sha256.ts';
import { type ObjectKey, parseObjectKey } from '../../storage/keys.ts';

/** An LFS object that is kept as one blob, and that Xet has no name for yet. */
export interface PlainBlob {
  readonly sha256: Sha256;
  readonly sizeBytes: number;
  readonly storageKey: ObjectKey;
}

/** Every query that names it uses the index `lfs_object_plain_index`. */
const IS_PLAIN = `state = 'present' and storage_key is not null and xet_file_id is null and size_bytes > 0`;

/** The plain blob that waits longest; null when none does. */
export async function findPlainBlob(
  sql: SqlExecutor,
  { except, maxBytes }: { readonly except: readonly Sha256[]; readonly maxBytes: number },
): Promise<PlainBlob | null> {
  const [row] = await sql.query<{ sha256: Buffer; size_bytes: number; storage_key: string }>({
    name: 'find-plain-blob',
    text: `
      select sha256, size_bytes, storage_key from lfs_object
      where ${IS_PLAIN} and size_bytes <= $2 and sha256 <> all($1::bytea[])
      order by created_at limit 1`,
    values: [except.map(sha256ToBytes), maxBytes],
  });
  if (!row) return null;
  return {
    sha256: sha256FromBytes(row.sha256),
    sizeBytes: row.size_bytes,
    storageKey: parseObjectKey(row.storage_key),
  };
}

/** Locks the object as its collector does. False when it is no plain blob any more. */
export async function lockPlainBlob(tx: SqlTransaction, sha256: Sha256): Promise<boolean> {
  const rows = await tx.query({
    name: 'lock-plain-blob',
    text: `select 1 from lfs_object where sha256 = $1 and ${IS_PLAIN} for no key update`,
    values: [sha256ToBytes(sha256)],
  });
  return rows.length === 1;
}

/** From now on this Xet file presents the blob of this locked object: clients of repositories that hold the blob are told of it. */
export async function presentBlob(tx: SqlTransaction, sha256: Sha256, xetFileId: number): Promise<void> {
  await tx.execute({
    name: 'present-blob',
    text: 'update lfs_object set xet_file_id = $2 where sha256 = $1',
    values: [sha256ToBytes(sha256), xetFileId],
  });
}
