import type { SqlExecutor, SqlTransaction } from '../../db/sql.ts';
import type { AccountKind } from '../account/account.entity.ts';
import { QuotaExceeded } from '../errors.ts';
import type { RepoType } from '../repo/repo.entity.ts';
import { STORED_BYTES } from './stored-bytes.ts';

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

/** How much a namespace holds and may hold, by visibility. Null means no limit. */
export interface NamespaceUsage {
  readonly id: number;
  readonly kind: AccountKind;
  readonly name: string;
  readonly privateUsedBytes: number;
  readonly privateQuotaBytes: number | null;
  readonly publicUsedBytes: number;
  readonly publicQuotaBytes: number | null;
}

const USAGE_COLUMNS = `
  a.id, a.kind, a.name, a.private_used_bytes as "privateUsedBytes", a.private_quota_bytes as "privateQuotaBytes",
  a.public_used_bytes as "publicUsedBytes", a.public_quota_bytes as "publicQuotaBytes"`;

export async function readNamespaceUsage(
  sql: SqlExecutor,
  accountId: number,
): Promise<NamespaceUsage | null> {
  const [usage] = await listNamespaceUsage(sql, [accountId]);
  return usage ?? null;
}

/** Of many accounts, in any order. Missing ones are left out. */
export function listNamespaceUsage(
  sql: SqlExecutor,
  accountIds: readonly number[],
): Promise<NamespaceUsage[]> {
  return sql.query<NamespaceUsage>({
    name: 'list-namespace-usage',
    text: `select ${USAGE_COLUMNS} from account a where a.id = any($1)`,
    values: [accountIds],
  });
}

/** The same, and whether somebody (null: anonymous) is one of the people of each. */
export function listNamespaceUsageFor(
  sql: SqlExecutor,
  { accountIds, userId }: { readonly accountIds: readonly number[]; readonly userId: number | null },
): Promise<(NamespaceUsage & { readonly isInsider: boolean })[]> {
  return sql.query({
    name: 'list-namespace-usage-for',
    text: `
      select ${USAGE_COLUMNS}, coalesce(a.id = $2, false) or m.id is not null as "isInsider"
      from account a left join membership m on m.org_id = a.id and m.user_id = $2
      where a.id = any($1)`,
    values: [accountIds, userId],
  });
}

/** New limits: undefined leaves one as it is, null means no limit. */
export interface NewLimits {
  readonly privateQuotaBytes?: number | null | undefined;
  readonly publicQuotaBytes?: number | null | undefined;
}

export async function setNamespaceLimits(
  sql: SqlExecutor,
  accountId: number,
  { privateQuotaBytes, publicQuotaBytes }: NewLimits,
): Promise<void> {
  await sql.execute({
    name: 'set-namespace-limits',
    text: `
      update account set
        private_quota_bytes = case when $2 then $3::bigint else private_quota_bytes end,
        public_quota_bytes = case when $4 then $5::bigint else public_quota_bytes end
      where id = $1`,
    values: [
      accountId,
      privateQuotaBytes !== undefined,
      privateQuotaBytes ?? null,
      publicQuotaBytes !== undefined,
      publicQuotaBytes ?? null,
    ],
  });
}

export async function setRepoLimit(
  sql: SqlExecutor,
  repoId: number,
  quotaBytes: number | null,
): Promise<void> {
  await sql.execute({
    name: 'set-repo-limit',
    text: 'update repo set quota_bytes = $2 where id = $1',
    values: [repoId, quotaBytes],
  });
}

/** A repository in the breakdown of its namespace. */
export interface RepoUsage {
  readonly id: number;
  readonly type: RepoType;
  readonly name: string;
  readonly isPrivate: boolean;
  readonly usedBytes: number;
  readonly quotaBytes: number | null;
  readonly createdAt: Date;
}

/** The largest repositories of a namespace, and how many it has. */
export async function listRepoUsage(
  sql: SqlExecutor,
  accountId: number,
  limit: number,
): Promise<{ readonly repos: readonly RepoUsage[]; readonly total: number }> {
  const rows = await sql.query<RepoUsage & { total: number }>({
    name: 'list-repo-usage',
    text: `
      select id, type, name, is_private as "isPrivate", used_bytes as "usedBytes", quota_bytes as "quotaBytes",
        created_at as "createdAt", count(*) over () as total
      from repo where owner_id = $1 order by used_bytes desc, id limit $2`,
    values: [accountId, limit],
  });
  return { repos: rows, total: rows[0]?.total ?? 0 };
}

/**
 * Counts anew what repositories of a namespace hold, all or one of them, and corrects the counters. Writers to the namespace wait
 * for it: they charge the namespace's row first, which is locked here.
 */
export async function recountUsage(
  tx: SqlTransaction,
  accountId: number,
  repoId: number | null,
): Promise<void> {
  await tx.query({
    name: 'lock-charged-account',
    text: 'select id from account where id = $1 for no key update',
    values: [accountId],
  });
  // A statement of its own: only it sees what was committed while the lock was waited for.
  await tx.execute({
    name: 'recount-repos',
    text: `
      update repo set used_bytes = truth.bytes
      from (
        select r.id, ${STORED_BYTES} as bytes from repo r join git_store s on s.repo_id = r.id
        where r.owner_id = $1 and ($2::bigint is null or r.id = $2)
      ) truth
      where repo.id = truth.id and repo.used_bytes <> truth.bytes`,
    values: [accountId, repoId],
  });
  await tx.execute({
    name: 'recount-namespace',
    text: `
      update account a set private_used_bytes = truth.private, public_used_bytes = truth.public
      from (
        select coalesce(sum(used_bytes) filter (where is_private), 0) as private,
          coalesce(sum(used_bytes) filter (where not is_private), 0) as public
        from repo where owner_id = $1
      ) truth
      where a.id = $1`,
    values: [accountId],
  });
}
