import type { SqlExecutor, SqlTransaction } from '../../db/sql.ts';
import type { IdPage } from '../id-page.ts';

/** An organisation as administrators of the site see it. */
export interface AdminOrg {
  readonly id: number;
  readonly name: string;
  readonly fullName: string | null;
  readonly memberCount: number;
  /** Those who are not suspended. Without one, nobody can end or rename the organisation. */
  readonly activeSuperAdminCount: number;
  readonly privateQuotaBytes: number | null;
  readonly publicQuotaBytes: number | null;
  readonly privateUsedBytes: number;
  readonly publicUsedBytes: number;
  readonly createdAt: Date;
}

export interface OrgFilter {
  /** A part of the name or the full name, in lower case; null is any. */
  readonly search: string | null;
  /** Only those without an active super-admin. */
  readonly isAbandoned: boolean;
}

const ACTIVE_SUPER_ADMINS = `
  from membership m join account u on u.id = m.user_id
  where m.org_id = a.id and m.role = 'super-admin' and u.is_active`;

/** Organisations, newest first. */
export function listOrgs(
  sql: SqlExecutor,
  { search, isAbandoned }: OrgFilter,
  { beforeId, limit }: IdPage,
): Promise<readonly AdminOrg[]> {
  return sql.query({
    name: 'admin-list-orgs',
    text: `
      select a.id, a.name, a.full_name as "fullName",
        (select count(*) from membership m where m.org_id = a.id) as "memberCount",
        (select count(*) ${ACTIVE_SUPER_ADMINS}) as "activeSuperAdminCount",
        a.private_quota_bytes as "privateQuotaBytes", a.public_quota_bytes as "publicQuotaBytes",
        a.private_used_bytes as "privateUsedBytes", a.public_used_bytes as "publicUsedBytes",
        a.created_at as "createdAt"
      from account a
      where a.kind = 'org'
        and ($1::text is null or position($1 in lower(a.name)) > 0 or position($1 in lower(a.full_name)) > 0)
        and (not $2::boolean or not exists (select ${ACTIVE_SUPER_ADMINS}))
        and ($3::bigint is null or a.id < $3)
      order by a.id desc limit $4`,
    values: [search, isAbandoned, beforeId, limit],
  });
}

interface OrgAndUser {
  readonly org: { readonly id: number; readonly name: string } | null;
  readonly user: { readonly id: number; readonly name: string; readonly isActive: boolean } | null;
}

/**
 * Locks an organisation and then a user, as changes of members do, until the end of the transaction.
 * @param names in their normal form.
 */
export async function lockOrgAndUser(
  tx: SqlTransaction,
  names: { readonly org: string; readonly user: string },
): Promise<OrgAndUser> {
  const rows = await tx.query<{ id: number; kind: 'org' | 'user'; name: string; isActive: boolean }>({
    name: 'admin-lock-org-and-user',
    text: `
      select id, kind, name, is_active as "isActive" from account
      where (kind = 'org' and normalized_name = $1) or (kind = 'user' and normalized_name = $2)
      order by kind = 'user', id for update`,
    values: [names.org, names.user],
  });
  return {
    org: rows.find(({ kind }) => kind === 'org') ?? null,
    user: rows.find(({ kind }) => kind === 'user') ?? null,
  };
}

/** The name of a super-admin who is not suspended, or null. */
export async function findActiveSuperAdmin(tx: SqlTransaction, orgId: number): Promise<string | null> {
  const [row] = await tx.query<{ name: string }>({
    name: 'admin-find-super-admin',
    text: `
      select u.name from membership m join account u on u.id = m.user_id
      where m.org_id = $1 and m.role = 'super-admin' and u.is_active order by m.id limit 1`,
    values: [orgId],
  });
  return row?.name ?? null;
}

/** Makes somebody super-admin, whether he was a member or not. */
export async function setSuperAdmin(tx: SqlTransaction, orgId: number, userId: number): Promise<void> {
  await tx.execute({
    name: 'admin-set-super-admin',
    text: `
      insert into membership (org_id, user_id, role) values ($1, $2, 'super-admin')
      on conflict (org_id, user_id) do update set role = excluded.role`,
    values: [orgId, userId],
  });
}
