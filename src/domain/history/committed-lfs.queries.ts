import type { SqlTransaction } from '../../db/sql.ts';
import { type Sha256, sha256FromBytes, sha256ToBytes } from '../../lib/sha256.ts';
import { LfsObjectMissing } from '../errors.ts';
import { lockPresentObjects } from '../lfs/lfs.queries.ts';

/**
 * Part of a write that lets a branch name LFS files of this repository's history again: their bytes are here, and stay. A pointer
 * that is in the history without a link gives no right to the object that it names, so it is as missing.
 * @throws {LfsObjectMissing} naming a file; the transaction must end.
 */
export async function holdCommittedObjects(
  tx: SqlTransaction,
  repoId: number,
  files: readonly { readonly path: string; readonly sha256: Sha256 }[],
): Promise<void> {
  if (files.length === 0) return;
  const sha256s = [...new Set(files.map((file) => file.sha256))];
  const present = await lockPresentObjects(tx, sha256s);
  const rows = await tx.query<{ sha256: Buffer }>({
    name: 'find-committed-links',
    text: `
      select sha256 from lfs_link
      where repo_id = $1 and sha256 = any($2::bytea[]) and committed_at is not null`,
    values: [repoId, sha256s.map(sha256ToBytes)],
  });
  const linked = new Set(rows.map((row) => sha256FromBytes(row.sha256)));
  const missing = files.find(({ sha256 }) => !present.has(sha256) || !linked.has(sha256));
  if (!missing) return;
  throw new LfsObjectMissing(
    `The bytes of "${missing.path.toWellFormed()}" (LFS object ${missing.sha256}) are not on the hub any more. Upload the file again with a commit.`,
    { sha256: missing.sha256 },
  );
}
