import type { SqlTransaction } from '../../db/sql.ts';
import { QuotaExceeded } from '../errors.ts';

/**
 * Adds (or gives back) bytes to a repository and its namespace, in the transaction that stores them.
 * The namespace's row is locked until the end of the transaction, so that two writers cannot share the last bytes.
 * @throws {QuotaExceeded} naming the limit; the caller's transaction must end.
 */
export async function chargeStorage(tx: SqlTransaction, repoId: number, deltaBytes: number): Promise<void> {
  if (deltaBytes === 0) return;
  const [after] = await tx.query<ChargedRow>({
    name: 'charge-storage',
    text: `
      with charged as (
        update account a set
          private_used_bytes = private_used_bytes + case when r.is_private then $2::bigint else 0 end,
          public_used_bytes = public_used_bytes + case when r.is_private then 0 else $2::bigint end
        from repo r where r.id = $1 and a.id = r.owner_id
        returning a.name, r.is_private, a.private_used_bytes, a.public_used_bytes, a.private_quota_bytes, a.public_quota_bytes
      ), used as (
        update repo set used_bytes = used_bytes + $2::bigint where id = $1 returning used_bytes, quota_bytes
      )
      select name, is_private, used.used_bytes, used.quota_bytes,
        case when is_private then private_used_bytes else public_used_bytes end as namespace_used_bytes,
        case when is_private then private_quota_bytes else public_quota_bytes end as namespace_quota_bytes
      from charged, used`,
    values: [repoId, deltaBytes],
  });
  if (after && deltaBytes > 0) refuseOverQuota(after);
}

interface ChargedRow {
  name: string;
  is_private: boolean;
  used_bytes: number;
  quota_bytes: number | null;
  namespace_used_bytes: number;
  namespace_quota_bytes: number | null;
}

function refuseOverQuota(row: ChargedRow): void {
  if (row.namespace_quota_bytes !== null && row.namespace_used_bytes > row.namespace_quota_bytes) {
    throw new QuotaExceeded(
      `Storage quota exceeded: ${row.name} may hold ${row.namespace_quota_bytes} bytes in ${row.is_private ? 'private' : 'public'} repositories.`,
    );
  }
  if (row.quota_bytes !== null && row.used_bytes > row.quota_bytes) {
    throw new QuotaExceeded(`Storage quota exceeded: this repository may hold ${row.quota_bytes} bytes.`);
  }
}
