import type { SqlExecutor } from '../../db/sql.ts';
import { type Oid, oidToBytes } from '../../git/oid.ts';
import type { Sha256 } from '../../lib/sha256.ts';

/** SHA-256 of the contents of blobs of one store, for those whose row has it. */
export async function findBlobHashes(
  sql: SqlExecutor,
  storeId: number,
  oids: readonly Oid[],
): Promise<ReadonlyMap<Oid, Sha256>> {
  if (oids.length === 0) return new Map();
  const rows = await sql.query<{ oid: Oid; sha256: Sha256 }>({
    name: 'find-blob-hashes',
    text: `
      select encode(oid, 'hex') as oid, encode(sha256, 'hex') as sha256
      from git_object where store_id = $1 and oid = any($2::bytea[]) and sha256 is not null`,
    values: [storeId, oids.map(oidToBytes)],
  });
  return new Map(rows.map((row) => [row.oid, row.sha256]));
}
