import type { SqlExecutor, SqlTransaction } from '../../db/sql.ts';
import { type Sha256, sha256FromBytes, sha256ToBytes } from '../../lib/sha256.ts';
import { type XetHash, xetHashBytes, xetHashText } from '../../xet/xet-hash.ts';

/** The contents of Xet files that the hub knows. Permissions are not checked here. */
export async function findXetContents(
  sql: SqlExecutor,
  hashes: readonly XetHash[],
): Promise<ReadonlyMap<XetHash, Sha256>> {
  if (hashes.length === 0) return new Map();
  const rows = await sql.query<{ hash: Buffer; sha256: Buffer }>({
    name: 'find-xet-contents',
    text: 'select hash, sha256 from xet_file where hash = any($1::bytea[])',
    values: [hashes.map(xetHashBytes)],
  });
  return new Map(rows.map((row) => [xetHashText(row.hash), sha256FromBytes(row.sha256)]));
}

/**
 * Notes that somebody brought objects for a pull request. Lock them first. A deleted repository gets no offer.
 * @returns bytes of all objects that he offers now, everywhere.
 */
export async function offerObjects(
  tx: SqlTransaction,
  offer: { readonly repoId: number; readonly userId: number; readonly sha256s: readonly Sha256[] },
): Promise<number> {
  await tx.execute({
    name: 'offer-objects',
    text: `
      with home as (
        -- Waits for a deletion that is under way.
        select id from repo where id = $1 for key share
      )
      insert into lfs_offer (repo_id, sha256, user_id)
      select home.id, sha256, $2 from home, unnest($3::bytea[]) as sha256
      on conflict do nothing`,
    values: [offer.repoId, offer.userId, offer.sha256s.map(sha256ToBytes)],
  });
  const [row] = await tx.query<{ bytes: number }>({
    name: 'sum-offers',
    text: `
      select coalesce(sum(o.size_bytes), 0)::bigint as bytes
      from lfs_offer f join lfs_object o on o.sha256 = f.sha256 where f.user_id = $1`,
    values: [offer.userId],
  });
  return row?.bytes ?? 0;
}
